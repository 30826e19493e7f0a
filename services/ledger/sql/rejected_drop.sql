-- Let go of one that has been published.
SELECT ledger.drop_rejected($1, $2)
