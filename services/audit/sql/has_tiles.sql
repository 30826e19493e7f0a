-- Whether the ledger is of a format that keeps its tree.
SELECT format > 0 FROM ledger.ledgers WHERE ledger = $1
