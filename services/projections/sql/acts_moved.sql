-- The decisions of which some reading of an act became known after $3, by $4, or ceased to be; as subjects.
SELECT 'decision/' || decision AS subject FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_from > $3 AND known_from <= $4
UNION
SELECT 'decision/' || decision FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_to > $3 AND known_to <= $4 AND known_to < 9223372036854775807
