-- The last position at which anything was known of a subject; null if something still is, or nothing ever was.
SELECT max(known_to) - 1 FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND subject = $3 AND known_from <= $4
HAVING max(known_to) <= $4
