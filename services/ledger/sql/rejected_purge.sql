-- Let go of all that name an actor.
SELECT ledger.purge_rejected($1, $2)
