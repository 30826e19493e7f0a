-- The subjects of which something occurred, or the acts of which, became known after $3, by $4, or ceased to be.
SELECT subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND NOT structural AND known_from > $3 AND known_from <= $4
UNION
SELECT subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND NOT structural AND known_to > $3 AND known_to <= $4
    AND known_to < 9223372036854775807
UNION
SELECT 'decision/' || decision FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_from > $3 AND known_from <= $4
UNION
SELECT 'decision/' || decision FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND known_to > $3 AND known_to <= $4 AND known_to < 9223372036854775807
