-- Some of the keys that an older epoch wraps, after one of them, in order.
SELECT ledger, holder, epoch, wrapped FROM vault.keys
WHERE epoch < $1 AND (ledger, holder) > ($2, $3) ORDER BY ledger, holder LIMIT $4
