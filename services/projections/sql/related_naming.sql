-- The spaces that shared any of these, and the knots raised about them: their entries have lists of subjects, and
-- are few. $3: the names as they are written in JSON.
SELECT DISTINCT subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND NOT structural AND kind IN ('space.session_held', 'knot.raised')
    AND known_from <= $4 AND known_to > $4 AND valid_from <= $5
    AND EXISTS (SELECT FROM unnest($3::bytea[]) AS told (name) WHERE position(name IN body) > 0)
