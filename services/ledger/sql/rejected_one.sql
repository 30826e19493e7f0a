-- One refused message, sealed.
SELECT * FROM ledger.rejected_one($1, $2)
