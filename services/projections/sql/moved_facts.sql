-- What became known or ceased to be known of some subjects between two positions, and what says which domains
-- they lie in ($6).
SELECT subject, kind, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND subject = ANY ($3::text[]) AND known_from <= $5 AND known_to > $4
    AND (known_from > $4 OR known_to <= $5 OR kind = ANY ($6::text[]))
ORDER BY subject, position, kind, key, known_from
LIMIT $7
