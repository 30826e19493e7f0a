-- The acts that became known after $3, by $4, and those that ceased to be, for cells to add and to take away.
SELECT act.*, 1 AS sign FROM projections.acts AS act
WHERE ledger = $1 AND generation = $2 AND known_from > $3 AND known_from <= $4 AND known_to > $4
UNION ALL
SELECT act.*, -1 FROM projections.acts AS act
WHERE ledger = $1 AND generation = $2 AND known_to > $3 AND known_to <= $4 AND known_from <= $3
    AND known_to < 9223372036854775807
