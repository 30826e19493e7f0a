-- The erasure is complete, and stands in the log at this position.
UPDATE vault.erased SET position = $3 WHERE ledger = $1 AND holder = $2
