-- The first of these on whom a legal hold lies.
SELECT holder, reason, placed_by, since FROM vault.holds
WHERE ledger = $1 AND holder = ANY ($2::text[]) ORDER BY array_position($2::text[], holder) LIMIT 1
