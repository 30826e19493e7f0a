-- Let go of what has been kept long enough.
SELECT ledger.expire_rejected($1)
