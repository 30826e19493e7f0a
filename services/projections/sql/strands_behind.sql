-- How far each generation of a version of the facts has come, and its strands.
SELECT g.generation, g.position, coalesce(f.strands, 0) AS folded
FROM projections.generations g
LEFT JOIN projections.folded f ON f.ledger = g.ledger AND f.generation = g.generation
WHERE g.ledger = $1 AND g.facts_version = $2
ORDER BY g.generation
