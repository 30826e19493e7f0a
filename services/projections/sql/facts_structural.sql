-- Who is who and who may what, as known now.
SELECT kind, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND structural AND known_to = 9223372036854775807
