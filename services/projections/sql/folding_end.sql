-- Others may fold this ledger.
SELECT pg_advisory_unlock(hashtextextended($1, 5550198273))
