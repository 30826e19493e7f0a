-- The last position of a ledger; null: there is no such ledger.
SELECT ledger.head($1)
