-- The commits that end in a stretch of positions; recorded as in pages.sql. What is not there is told as what cannot be,
-- of hashes no more than there may be and one byte.
SELECT coalesce(first, 0), last, timestamptz_send(recorded),
       substring(coalesce(root, ''), 1, 33), substring(coalesce(frontier, ''), 1, 2048)
FROM ledger.commits WHERE ledger = $1 AND last > $2 AND last <= $3 ORDER BY last
