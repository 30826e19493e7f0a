-- A page of the actors that have a profile.
SELECT "position", subject FROM ledger.described($1, $2, $3, $4)
