-- Who is who and who may what, as known at a position.
SELECT kind, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND structural AND known_from <= $3 AND known_to > $3
