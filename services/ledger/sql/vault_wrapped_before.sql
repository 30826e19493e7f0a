-- The keys that an older epoch wraps.
SELECT ledger, holder, epoch, wrapped FROM vault.keys WHERE epoch < $1
