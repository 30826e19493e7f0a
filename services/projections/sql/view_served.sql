-- The generation readers are given, and how far it has come.
SELECT generation, facts_version, position, recorded, root, alarm,
    (SELECT count(*) FROM projections.parked p
     WHERE p.ledger = g.ledger AND p.generation = g.generation AND NOT p.skipped) AS parked
FROM projections.generations g
WHERE ledger = $1 AND serving
