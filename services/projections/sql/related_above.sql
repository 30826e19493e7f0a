-- What a subject is about, as of an instant and as known at a position.
SELECT DISTINCT about FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND subject = $3 AND about IS NOT NULL
    AND known_from <= $4 AND known_to > $4 AND valid_from <= $5
