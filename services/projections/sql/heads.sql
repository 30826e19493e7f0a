-- Every ledger and its last position, through the function the ledger offers for it.
SELECT ledger, last FROM ledger.heads()
