-- Keep a refused message, if there is room for its publisher's.
SELECT ledger.keep_rejected($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
