-- Those that name an actor.
SELECT ledger.rejected_about($1, $2)
