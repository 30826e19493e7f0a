-- Whether we may fold this ledger: others leave it alone until we are done, or our connection is gone.
SELECT pg_try_advisory_lock(hashtextextended($1, 5550198273))
