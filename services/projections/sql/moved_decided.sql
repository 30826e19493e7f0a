-- The decisions of these initiatives, as known at a position.
SELECT DISTINCT about, subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND about = ANY ($3::text[]) AND about IS NOT NULL
    AND subject LIKE 'decision/%' AND known_from <= $4 AND known_to > $4
