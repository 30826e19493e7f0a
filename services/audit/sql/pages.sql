-- Entries by a stretch of positions, with the columns that repeat what their bytes say; instants as microseconds
-- since 2000, eight bytes of them, which are read in a tenth of the time. Of bytes no more than may be and one.
SELECT position, timestamptz_send(recorded), timestamptz_send(occurred), version, subject, type, source, id,
       substring(coalesce(entry, ''), 1, 65536)
FROM ledger.entries WHERE ledger = $1 AND position > $2 AND position <= $3 ORDER BY position
