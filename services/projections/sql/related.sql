-- The subjects that are about any of these, as of an instant and as known at a position.
SELECT DISTINCT subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND about = ANY ($3::text[]) AND about IS NOT NULL
    AND known_from <= $4 AND known_to > $4 AND valid_from <= $5
