-- What there is to know of some subjects, and what ceased to be known between two positions. Of what has a place in the
-- organisation, and of the sessions of a space, only what changed between them.
SELECT subject, kind, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND subject = ANY ($3::text[]) AND known_from <= $5 AND known_to > $4
    AND (known_from > $4 OR known_to <= $5 OR NOT structural AND kind <> 'space.session_held')
ORDER BY subject, position, kind, key, known_from
LIMIT $6
