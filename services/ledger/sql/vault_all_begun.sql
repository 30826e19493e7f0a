-- Whether the erasure of each of these has begun.
SELECT count(*) = cardinality($2::text[]) FROM vault.erased WHERE ledger = $1 AND holder = ANY ($2::text[])
