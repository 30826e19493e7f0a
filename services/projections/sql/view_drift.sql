-- Both sides of the decisions that have them, in units, by window, group, the row's domain and holder. The
-- holder '' stands for all: its row tells how many decisions there were.
SELECT bucket, key, row_domain, holder, sum(stated)::text AS stated, sum(actual)::text AS actual,
    count(*) AS decisions, count(*) FILTER (WHERE inferred) AS inferred
FROM projections.chosen($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14),
    LATERAL unnest(
        CASE WHEN $15::text = 'stakes' THEN ARRAY[coalesce(stakes, 'none'), ''] ELSE ARRAY[''] END
    ) AS key,
    LATERAL (
        SELECT '' AS holder, 0::bigint AS stated, 0::bigint AS actual
        UNION ALL
        SELECT holder, units, 0 FROM unnest(
            CASE WHEN $16::text = 'node' THEN stated_node ELSE stated_seat END,
            CASE WHEN $16::text = 'node' THEN stated_node_units ELSE stated_seat_units END
        ) AS said (holder, units)
        UNION ALL
        SELECT holder, 0, units FROM unnest(
            CASE WHEN $16::text = 'node' THEN actual_node ELSE actual_seat END,
            CASE WHEN $16::text = 'node' THEN actual_node_units ELSE actual_seat_units END
        ) AS done (holder, units)
    ) AS side
WHERE status = 'counted' AND row_domain IS NOT NULL AND NOT vacant
GROUP BY bucket, key, row_domain, holder
