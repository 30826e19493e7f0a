-- What had occurred by an instant, of some kinds, as known at a position.
SELECT kind, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND NOT structural AND kind = ANY ($3::text[]) AND valid_from <= $5
    AND known_from <= $4 AND known_to > $4
ORDER BY valid_from, position
