-- The rows by which the history is filtered, as they lie: nearly in the order of positions.
SELECT coalesce(position, 0), kind, value FROM ledger.mentions WHERE ledger = $1
