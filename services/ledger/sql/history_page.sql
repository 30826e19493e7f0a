-- One page of stored lines, each with its position.
SELECT "position", entry FROM ledger.page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
