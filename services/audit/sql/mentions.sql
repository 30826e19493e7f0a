-- The rows by which the history is filtered, as they lie: nearly in the order of positions.
SELECT kind, value, position FROM ledger.mentions WHERE ledger = $1
