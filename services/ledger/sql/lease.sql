-- Whether this session is the one that signs for the ledger.
SELECT ledger.lease($1)
