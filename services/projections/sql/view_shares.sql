-- Whose the decisions were, in units, by window, group and holder, under both lenses: acts are read once.
SELECT bucket, key, lens, holder, sum(units)::text AS units, count(*) AS decisions,
    count(*) FILTER (WHERE inferred) AS inferred
FROM projections.chosen($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14),
    LATERAL unnest(
        CASE $15::text
            WHEN 'domain' THEN scopes
            WHEN 'body' THEN
                array(SELECT holder FROM unnest(actual_node) AS holder WHERE starts_with(holder, 'body/')) || ''::text
            WHEN 'stakes' THEN ARRAY[coalesce(stakes, 'none'), '']
            ELSE ARRAY['']
        END
    ) AS key,
    LATERAL (
        SELECT 'node' AS lens, holder, units FROM unnest(actual_node, actual_node_units) AS node (holder, units)
        UNION ALL
        SELECT 'seat', holder, units FROM unnest(actual_seat, actual_seat_units) AS seat (holder, units)
    ) AS share
WHERE status = 'counted'
GROUP BY bucket, key, lens, holder
