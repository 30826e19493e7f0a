-- Refused messages before an id, the newest first.
SELECT * FROM ledger.rejected_page($1, $2, $3)
