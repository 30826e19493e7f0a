-- The first of these whom a legal hold keeps from being erased.
SELECT holder FROM vault.holds WHERE ledger = $1 AND holder = ANY ($2::text[]) ORDER BY holder LIMIT 1
