-- Entries by a stretch of positions, with the columns that repeat what their bytes say.
SELECT position, recorded, occurred, version, subject, type, source, id, entry
FROM ledger.entries WHERE ledger = $1 AND position > $2 AND position <= $3 ORDER BY position
