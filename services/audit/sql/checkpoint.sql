-- The newest signed head that the ledger shows.
SELECT note FROM ledger.checkpoints WHERE ledger = $1
