-- How many entries are parked in the generation that is served and nobody has let be.
SELECT count(*) FROM projections.parked
WHERE ledger = $1 AND NOT skipped
    AND generation = (SELECT generation FROM projections.generations WHERE ledger = $1 AND serving)
