-- How far the views have come, and how far the ledger.
SELECT g.position, g.recorded, coalesce(h.last, g.position) AS head, g.alarm, g.facts_version,
    (SELECT count(*) FROM projections.parked p
     WHERE p.ledger = g.ledger AND p.generation = g.generation AND NOT p.skipped) AS parked
FROM projections.generations g LEFT JOIN ledger.heads() h ON h.ledger = g.ledger
WHERE g.ledger = $1 AND g.serving
