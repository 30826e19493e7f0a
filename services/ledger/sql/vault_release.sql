-- Lift the hold, if there is one.
DELETE FROM vault.holds WHERE ledger = $1 AND holder = $2
