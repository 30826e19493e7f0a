-- Every erasure begun, in one ledger.
SELECT holder, position FROM vault.erased WHERE ledger = $1
