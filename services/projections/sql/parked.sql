-- What is parked in the generation that is served.
SELECT position, subject, error, parked, skipped FROM projections.parked
WHERE ledger = $1
    AND generation = (SELECT generation FROM projections.generations WHERE ledger = $1 AND serving)
ORDER BY position
