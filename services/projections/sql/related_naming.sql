-- The spaces that shared any of these, and the knots raised about them: their entries have lists of subjects. $3: the
-- names as they are written in JSON between two quotes, each up to a quote of its own. Some that are not meant may be
-- found: a text may say no more than a name.
SELECT DISTINCT subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND NOT structural AND kind IN ('space.session_held', 'knot.raised')
    AND known_from <= $4 AND known_to > $4 AND valid_from <= $5
    AND EXISTS (SELECT FROM string_to_table(convert_from(body, 'UTF8'), '"') AS told (name) WHERE name = ANY ($3::text[]))
