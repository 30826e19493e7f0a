-- What a question asked of what is known now, as of $3, comes to in its window [$5, $6): the cells of its scope and
-- tenses in runs of periods, and what it has to add to them. They lie in [$7, $8) and are as of position $9 and of the
-- end of time: so it is the acts of the window outside them, less those they count outside the window, and what in
-- both counts otherwise. `$4`: the standing tense; `$12`: shares; `$13`: the lens of drift, if any. Conditions on
-- parameters are settled when the statement is planned, and branches that cannot hold are left out; to plan what
-- `cells_sum_behind` adds, where something changed after $9, would take as long as to run all the rest.
WITH beside AS MATERIALIZED (
    -- what the window has beside the cells, and what they count outside it
    SELECT CASE WHEN CASE WHEN $4 THEN a."window" ELSE a.occurred END >= $5
            AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < $6 THEN 1 ELSE -1 END AS sign, a.*
    FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2
        AND (CASE WHEN $4 THEN a."window" ELSE a.occurred END >= least($5, $7)
            AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < greatest($5, $7)
            OR CASE WHEN $4 THEN a."window" ELSE a.occurred END >= least($6, $8)
            AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < greatest($6, $8))
        AND CASE
            WHEN CASE WHEN $4 THEN a."window" ELSE a.occurred END >= $5
                AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < $6
            THEN a.known_to = 9223372036854775807 AND a.at_from <= $3
                AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3
            ELSE a.known_from <= $9 AND a.known_to > $9
                AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END = '9999-12-31 00:00:00+00'
        END
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
    -- behind
    UNION ALL
    -- known to the cells, and counts as of $3 but not in the end
    SELECT 1, a.* FROM projections.acts a
    WHERE $7 < $8 AND a.ledger = $1 AND a.generation = $2 AND a.known_from <= $9 AND a.known_to = 9223372036854775807
        AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END < '9999-12-31 00:00:00+00'
        AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3 AND a.at_from <= $3
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= greatest($5, $7)
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < least($6, $8)
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
    UNION ALL
    -- the same, and counts in the end but not as of $3; nothing in the window occurred later than that
    SELECT -1, a.* FROM projections.acts a
    WHERE $7 < $8 AND a.ledger = $1 AND a.generation = $2 AND a.known_from <= $9 AND a.known_to = 9223372036854775807
        AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END = '9999-12-31 00:00:00+00'
        AND a.at_from > $3 AND a.at_from > CASE WHEN $4 THEN a."window" ELSE a.occurred END
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= greatest($5, $7)
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < least($6, $8)
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
),
counted AS (SELECT * FROM beside WHERE status = 'counted'),
stated AS (SELECT * FROM counted WHERE row_domain IS NOT NULL AND NOT vacant)
SELECT 'cell' AS facet, '' AS grp, '' AS holder, run.sign::bigint AS units, 0::bigint AS others, 0::bigint AS decisions,
    0::bigint AS inferred, c.counts, CASE WHEN $12 THEN c.shares END AS shares,
    CASE WHEN $13 = 'node' THEN c.drift_node END AS drift_node,
    CASE WHEN $13 = 'seat' THEN c.drift_seat END AS drift_seat
FROM unnest($16::text[], $17::date[], $18::date[], $19::int[]) AS run (grain, since, until, sign)
JOIN projections.cells c ON c.ledger = $1 AND c.generation = $2 AND c.scope = $14 AND c.tense = ANY ($15::text[])
    AND c.grain = run.grain AND c.period >= run.since AND c.period < run.until
UNION ALL
SELECT 'count', name, '', coalesce(value, 0)::bigint, 0, 0, 0, NULL, NULL, NULL, NULL
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
SELECT 'node', '', holder, sum(sign * units)::bigint, 0, sum(sign), sum(sign * inferred::int), NULL, NULL, NULL, NULL
FROM counted, unnest(actual_node, actual_node_units) AS share (holder, units) WHERE $12 GROUP BY holder
UNION ALL
SELECT 'seat', '', holder, sum(sign * units)::bigint, 0, sum(sign), sum(sign * inferred::int), NULL, NULL, NULL, NULL
FROM counted, unnest(actual_seat, actual_seat_units) AS share (holder, units) WHERE $12 GROUP BY holder
UNION ALL
SELECT 'level', '', level::text, sum(sign * units)::bigint, 0, sum(sign), sum(sign * inferred::int), NULL, NULL, NULL, NULL
FROM counted, unnest(levels, level_units) AS part (level, units) WHERE $12 GROUP BY level
UNION ALL
SELECT 'rows', row_domain, '', 0, 0, sum(sign), sum(sign * inferred::int), NULL, NULL, NULL, NULL
FROM stated WHERE $13::text IS NOT NULL GROUP BY row_domain
UNION ALL
SELECT 'sides', row_domain, holder, sum(sign * units)::bigint, 0, 0, 0, NULL, NULL, NULL, NULL
FROM stated, unnest(
    CASE WHEN $13 = 'node' THEN stated_node ELSE stated_seat END,
    CASE WHEN $13 = 'node' THEN stated_node_units ELSE stated_seat_units END
) AS said (holder, units)
WHERE $13 IS NOT NULL GROUP BY row_domain, holder
UNION ALL
SELECT 'sides', row_domain, holder, 0, sum(sign * units)::bigint, 0, 0, NULL, NULL, NULL, NULL
FROM stated, unnest(
    CASE WHEN $13 = 'node' THEN actual_node ELSE actual_seat END,
    CASE WHEN $13 = 'node' THEN actual_node_units ELSE actual_seat_units END
) AS done (holder, units)
WHERE $13 IS NOT NULL GROUP BY row_domain, holder
