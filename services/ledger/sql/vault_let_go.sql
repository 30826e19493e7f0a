-- Keys of what is kept no longer.
DELETE FROM vault.keys WHERE ledger = $1 AND holder = ANY ($2::text[])
