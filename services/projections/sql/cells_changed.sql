-- The acts that became known ($4 or before, after $3) or ceased to be, for the cells to add or take away.
SELECT 1 AS sign, at_to, stands_to, occurred, "window", outcome, status,
    inferred, scopes, row_domain, mandate, vacant, actual_node, actual_node_units, actual_seat, actual_seat_units,
    stated_node, stated_node_units, stated_seat, stated_seat_units, unresolved, levels, level_units, closeness,
    closeness_units
FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_from > $3 AND known_from <= $4 AND known_to > $4
    AND at_to = '9999-12-31 00:00:00+00'
UNION ALL
SELECT -1, at_to, stands_to, occurred, "window", outcome, status,
    inferred, scopes, row_domain, mandate, vacant, actual_node, actual_node_units, actual_seat, actual_seat_units,
    stated_node, stated_node_units, stated_seat, stated_seat_units, unresolved, levels, level_units, closeness,
    closeness_units
FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_to > $3 AND known_to <= $4 AND known_from <= $3
    AND known_to < 9223372036854775807 AND at_to = '9999-12-31 00:00:00+00'
