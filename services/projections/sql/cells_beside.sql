-- What a question asked of what is known now has to add to the cells in [$7, $8): the acts of its window [$5, $6)
-- outside, and those inside that cells as of $9 and the end of time count otherwise than the question, as of $3,
-- does. `$4`: the standing tense. Conditions on $4 are settled when the statement is planned.
WITH beside AS MATERIALIZED (
    SELECT 1 AS sign, a.* FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2 AND a.known_to = 9223372036854775807
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= $5
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < $7
        AND a.at_from <= $3 AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
    UNION ALL
    SELECT 1, a.* FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2 AND a.known_to = 9223372036854775807
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= $8
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < $6
        AND a.at_from <= $3 AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
    UNION ALL
    -- became known after the cells: what of it counts
    SELECT 1, a.* FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2 AND a.known_from > $9 AND a.known_to = 9223372036854775807
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= $7
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < $8
        AND a.at_from <= $3 AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
    UNION ALL
    -- ceased to be known after the cells: what of it they count
    SELECT -1, a.* FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2 AND a.known_from <= $9 AND a.known_to > $9
        AND a.known_to < 9223372036854775807
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= $7
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < $8
        AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END = '9999-12-31 00:00:00+00'
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
    UNION ALL
    -- known to the cells, but read or stands otherwise as of $3 than in the end
    SELECT CASE WHEN a.at_from <= $3 AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3 THEN 1 ELSE 0 END
        - CASE WHEN CASE WHEN $4 THEN a.stands_to ELSE a.at_to END = '9999-12-31 00:00:00+00' THEN 1 ELSE 0 END, a.*
    FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2 AND a.known_from <= $9 AND a.known_to = 9223372036854775807
        AND (a.stands_to < '9999-12-31 00:00:00+00' OR a.at_from > a."window")
        AND a."window" < $8  -- an act is never before the decision's window
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= $7
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < $8
        AND (a.at_from <= $3 AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3)
            <> (CASE WHEN $4 THEN a.stands_to ELSE a.at_to END = '9999-12-31 00:00:00+00')
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
),
counted AS (SELECT * FROM beside WHERE status = 'counted'),
stated AS (SELECT * FROM counted WHERE row_domain IS NOT NULL AND NOT vacant)
SELECT 'count' AS facet, name AS grp, '' AS holder, coalesce(value, 0)::bigint AS units, 0::bigint AS others,
    0::bigint AS decisions, 0::bigint AS inferred
FROM (
    SELECT sum(sign) FILTER (WHERE status = 'counted') AS decisions,
        sum(sign) FILTER (WHERE status = 'counted' AND inferred) AS inferred,
        sum(sign) FILTER (WHERE status = 'unknown') AS unknown,
        sum(sign) FILTER (WHERE outcome = 'deferred') AS deferred,
        sum(sign) FILTER (WHERE outcome = 'returned') AS returned,
        sum(sign) FILTER (WHERE status = 'counted' AND unresolved > 0) AS unresolved,
        sum(sign) FILTER (WHERE status = 'counted' AND row_domain IS NULL) AS unstated,
        sum(sign) FILTER (WHERE status = 'counted' AND vacant) AS vacant,
        sum(sign) FILTER (WHERE status = 'counted' AND row_domain IS NOT NULL AND NOT vacant) AS stated,
        sum(sign) FILTER (WHERE status = 'counted' AND row_domain IS NOT NULL AND NOT vacant AND inferred)
            AS stated_inferred,
        sum(sign) FILTER (WHERE status <> 'apart' AND mandate = 'yes') AS within,
        sum(sign) FILTER (WHERE status <> 'apart' AND mandate = 'no') AS outside,
        sum(sign) FILTER (WHERE status <> 'apart' AND mandate = 'unknown') AS unjudged,
        sum(sign * closeness) FILTER (WHERE status = 'counted') AS closeness,
        sum(sign * closeness_units) FILTER (WHERE status = 'counted') AS closeness_units
    FROM beside
) AS sums,
    LATERAL (VALUES ('decisions', decisions), ('inferred', inferred), ('unknown', unknown), ('deferred', deferred),
        ('returned', returned), ('unresolved', unresolved), ('unstated', unstated), ('vacant', vacant),
        ('stated', stated), ('stated_inferred', stated_inferred), ('within', within), ('outside', outside),
        ('unjudged', unjudged), ('closeness', closeness), ('closeness_units', closeness_units)
    ) AS counts (name, value)
UNION ALL
SELECT 'node', '', holder, sum(sign * units), 0, sum(sign), sum(sign * inferred::int)
FROM counted, unnest(actual_node, actual_node_units) AS share (holder, units) WHERE $12 GROUP BY holder
UNION ALL
SELECT 'seat', '', holder, sum(sign * units), 0, sum(sign), sum(sign * inferred::int)
FROM counted, unnest(actual_seat, actual_seat_units) AS share (holder, units) WHERE $12 GROUP BY holder
UNION ALL
SELECT 'level', '', level::text, sum(sign * units), 0, sum(sign), sum(sign * inferred::int)
FROM counted, unnest(levels, level_units) AS part (level, units) WHERE $12 GROUP BY level
UNION ALL
SELECT 'rows', row_domain, '', 0, 0, sum(sign), sum(sign * inferred::int)
FROM stated WHERE $13::text IS NOT NULL GROUP BY row_domain
UNION ALL
SELECT 'sides', row_domain, holder, sum(sign * units), 0, 0, 0
FROM stated, unnest(
    CASE WHEN $13 = 'node' THEN stated_node ELSE stated_seat END,
    CASE WHEN $13 = 'node' THEN stated_node_units ELSE stated_seat_units END
) AS said (holder, units)
WHERE $13 IS NOT NULL GROUP BY row_domain, holder
UNION ALL
SELECT 'sides', row_domain, holder, 0, sum(sign * units), 0, 0
FROM stated, unnest(
    CASE WHEN $13 = 'node' THEN actual_node ELSE actual_seat END,
    CASE WHEN $13 = 'node' THEN actual_node_units ELSE actual_seat_units END
) AS done (holder, units)
WHERE $13 IS NOT NULL GROUP BY row_domain, holder
