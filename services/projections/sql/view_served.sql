-- The generation readers are given, how far it has come, and its cells.
SELECT g.generation, g.facts_version, g.position, g.recorded, g.root, coalesce(f.position, 0) AS folded
FROM projections.generations g LEFT JOIN projections.folded f ON f.ledger = g.ledger AND f.generation = g.generation
WHERE g.ledger = $1 AND g.serving
