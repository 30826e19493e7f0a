-- The facts of one kind as known at a position, in the order of their entries.
SELECT body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND kind = $3 AND known_from <= $4 AND known_to > $4
ORDER BY position, key
