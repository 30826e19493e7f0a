-- Whose the decisions were, in units, by window, group and holder of one lens (`$15`).
SELECT bucket, key, holder, sum(units)::text AS units, count(*) AS decisions,
    count(*) FILTER (WHERE inferred) AS inferred
FROM projections.chosen($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13),
    LATERAL unnest(
        CASE $14::text
            WHEN 'domain' THEN scopes
            WHEN 'body' THEN
                array(SELECT holder FROM unnest(actual_node) AS holder WHERE starts_with(holder, 'body/')) || ''::text
            WHEN 'stakes' THEN ARRAY[coalesce(stakes, 'none'), '']
            ELSE ARRAY['']
        END
    ) AS key,
    LATERAL unnest(
        CASE WHEN $15::text = 'node' THEN actual_node ELSE actual_seat END,
        CASE WHEN $15::text = 'node' THEN actual_node_units ELSE actual_seat_units END
    ) AS share (holder, units)
WHERE status = 'counted'
GROUP BY bucket, key, holder
