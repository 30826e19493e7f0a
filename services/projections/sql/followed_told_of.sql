-- The same as followed_told.sql, of some subjects.
SELECT subject, kind, known_from, known_to, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND NOT structural AND kind = ANY ($3::text[]) AND known_from <= $4
    AND subject = ANY ($5::text[])
ORDER BY valid_from, position, known_from
