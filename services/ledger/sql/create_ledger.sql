-- False: there is one of that name already.
SELECT ledger.create_ledger($1, $2, $3)
