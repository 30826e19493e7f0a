-- The rows by which the history is filtered.
SELECT kind, value, position FROM ledger.mentions WHERE ledger = $1
