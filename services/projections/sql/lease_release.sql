-- The next who asks may have it.
UPDATE projections.leases SET expires = '-infinity'
WHERE ledger = $1 AND generation = $2 AND epoch = $3
