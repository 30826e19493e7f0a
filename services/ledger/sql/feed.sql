-- Entries after a position, in order.
SELECT "position", entry FROM ledger.feed($1, $2, $3)
