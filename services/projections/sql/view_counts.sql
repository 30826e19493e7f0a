-- How many decisions of each sort, by window and group; the group '' is all of them. `$15` says what groups are.
SELECT bucket, key,
    count(*) FILTER (WHERE status = 'counted') AS decisions,
    count(*) FILTER (WHERE status = 'counted' AND inferred) AS inferred,
    count(*) FILTER (WHERE status = 'unknown') AS unknown,
    count(*) FILTER (WHERE outcome = 'deferred') AS deferred,
    count(*) FILTER (WHERE outcome = 'returned') AS returned,
    count(*) FILTER (WHERE status = 'counted' AND unresolved > 0) AS unresolved,
    count(*) FILTER (WHERE status = 'counted' AND row_domain IS NULL) AS unstated,
    count(*) FILTER (WHERE status = 'counted' AND vacant) AS vacant,
    count(*) FILTER (WHERE status = 'counted' AND row_domain IS NOT NULL AND NOT vacant) AS stated,
    count(*) FILTER (WHERE status = 'counted' AND row_domain IS NOT NULL AND NOT vacant AND inferred)
        AS stated_inferred,
    count(*) FILTER (WHERE status IN ('counted', 'unknown') AND mandate = 'yes') AS within,
    count(*) FILTER (WHERE status IN ('counted', 'unknown') AND mandate = 'no') AS outside,
    count(*) FILTER (WHERE status IN ('counted', 'unknown') AND mandate = 'unknown') AS unjudged,
    coalesce(sum(closeness) FILTER (WHERE status = 'counted'), 0)::text AS closeness,
    coalesce(sum(closeness_units) FILTER (WHERE status = 'counted'), 0)::text AS closeness_units,
    coalesce(sum(
        CASE cardinality(level_units)  -- most have one: to unnest every one would cost as much as all the rest
            WHEN 1 THEN level_units[1] ELSE (SELECT sum(units) FROM unnest(level_units) AS units) END
    ) FILTER (WHERE status = 'counted'), 0)::text AS level_units
FROM projections.chosen($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14),
    LATERAL unnest(
        CASE $15::text
            WHEN 'domain' THEN scopes
            WHEN 'body' THEN
                array(SELECT holder FROM unnest(actual_node) AS holder WHERE starts_with(holder, 'body/')) || ''::text
            WHEN 'stakes' THEN ARRAY[coalesce(stakes, 'none'), '']
            ELSE ARRAY['']
        END
    ) AS key
GROUP BY bucket, key
