-- What was ever known, up to a position, to have occurred, of some kinds.
SELECT subject, kind, known_from, known_to, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND NOT structural AND kind = ANY ($3::text[]) AND known_from <= $4
ORDER BY valid_from, position, known_from
