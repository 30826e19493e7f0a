-- Some of the keys that an epoch wraps.
SELECT ledger, holder, epoch, wrapped FROM vault.keys WHERE epoch = $1 LIMIT $2
