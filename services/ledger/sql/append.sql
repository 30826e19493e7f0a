-- One group, whole, after the given last position; false: the head has moved. Autocommit, so one round trip.
SELECT ledger.append($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21)
