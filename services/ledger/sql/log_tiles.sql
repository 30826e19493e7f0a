-- The hashes of some tiles, in the order asked.
SELECT hashes FROM ledger.log_tiles($1, $2, $3, $4) ORDER BY place
