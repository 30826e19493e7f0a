-- A page of the ledgers a token may touch (null: any), in the order of their names.
SELECT ledger, last FROM ledger.heads()
WHERE ledger > $1 AND ($2::text[] IS NULL OR ledger = ANY ($2)) ORDER BY ledger LIMIT $3
