-- The facts of some subjects, as known now.
SELECT subject, kind, known_from, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND subject = ANY ($3::text[]) AND known_to = 9223372036854775807
