-- Whose the decisions were, in units, by window and depth of the deciders.
SELECT bucket, level, sum(units)::text AS units, count(*) AS decisions
FROM projections.chosen($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14),
    LATERAL unnest(levels, level_units) AS part (level, units)
WHERE status = 'counted'
GROUP BY bucket, level
