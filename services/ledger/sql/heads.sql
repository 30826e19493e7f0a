-- Every ledger and its last position.
SELECT ledger, last FROM ledger.heads()
