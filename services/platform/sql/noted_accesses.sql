-- A page of the record of accesses.
SELECT id, at, publisher, action, ledger, object, outcome, times FROM access.noted($1, $2, $3, $4)
