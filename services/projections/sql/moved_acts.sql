-- Acts that became known or ceased to be known between two positions.
SELECT decision, initiative, scopes, actual_node, actual_seat, stated_node, stated_seat FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_from > $3 AND known_from <= $4
UNION ALL
SELECT decision, initiative, scopes, actual_node, actual_seat, stated_node, stated_seat FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_to > $3 AND known_to <= $4 AND known_to < 9223372036854775807
LIMIT $5
