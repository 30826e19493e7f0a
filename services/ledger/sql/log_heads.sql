-- Every log, how far it is, and how far it is signed.
SELECT ledger, last, signed FROM ledger.log_heads()
