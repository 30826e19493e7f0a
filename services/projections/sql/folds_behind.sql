-- How far each generation of a version of the facts has come, its cells and its strands.
SELECT g.generation, g.position, coalesce(f.position, 0) AS cells, coalesce(f.strands, 0) AS strands
FROM projections.generations g
LEFT JOIN projections.folded f ON f.ledger = g.ledger AND f.generation = g.generation
WHERE g.ledger = $1 AND g.facts_version = $2
ORDER BY g.generation
