-- What had occurred to some subjects by an instant, as known at a position.
SELECT kind, position, known_from, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND subject = ANY ($3::text[]) AND NOT structural AND valid_from <= $5
    AND known_from <= $4 AND known_to > $4
ORDER BY valid_from, position
