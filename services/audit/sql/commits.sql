-- The commits that end in a stretch of positions.
SELECT first, last, recorded, root, frontier
FROM ledger.commits WHERE ledger = $1 AND last > $2 AND last <= $3 ORDER BY last
