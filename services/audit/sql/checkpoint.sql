-- The newest signed head that the ledger shows, and the size that stands beside it.
SELECT size, note FROM ledger.checkpoints WHERE ledger = $1
