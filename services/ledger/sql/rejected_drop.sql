-- Let these go.
SELECT ledger.drop_rejected($1, $2)
