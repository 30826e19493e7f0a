    -- Part of `cells_sum`, where rows have come further than cells.
    UNION ALL
    -- became known after the cells: what of it counts
    SELECT 1, a.* FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2
        AND a.known_from > $9 AND a.known_to = 9223372036854775807
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= greatest($5, $7)
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < least($6, $8)
        AND a.at_from <= $3 AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END > $3
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
    UNION ALL
    -- ceased to be known after the cells: what of it they count
    SELECT -1, a.* FROM projections.acts a
    WHERE a.ledger = $1 AND a.generation = $2 AND a.known_from <= $9 AND a.known_to > $9
        AND a.known_to < 9223372036854775807
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END >= greatest($5, $7)
        AND CASE WHEN $4 THEN a."window" ELSE a.occurred END < least($6, $8)
        AND CASE WHEN $4 THEN a.stands_to ELSE a.at_to END = '9999-12-31 00:00:00+00'
        AND ($10 = '' OR $10 = ANY (a.scopes)) AND ($11::text IS NULL OR $11 = ANY (a.actual_node))
