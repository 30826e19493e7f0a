-- Up to where cells have come, and whether the rows have come further.
SELECT coalesce(f.position, 0) AS folded, g.position > coalesce(f.position, 0) AS behind
FROM projections.generations g LEFT JOIN projections.folded f ON f.ledger = g.ledger AND f.generation = g.generation
WHERE g.ledger = $1 AND g.generation = $2
