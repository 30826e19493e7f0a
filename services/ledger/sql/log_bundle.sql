-- An entry bundle, and how many entries are in it.
SELECT entries, bundle FROM ledger.log_bundle($1, $2, $3)
