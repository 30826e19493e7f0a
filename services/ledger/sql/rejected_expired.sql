-- What has been kept long enough, by ledger.
SELECT ledger, ids FROM ledger.rejected_expired($1)
