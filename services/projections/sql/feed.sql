-- The next entries of a ledger, through the one function the ledger offers for it.
SELECT position, recorded, entry, root FROM ledger.feed($1, $2, $3)
