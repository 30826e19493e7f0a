-- Another term, if the lease is still of this epoch.
UPDATE projections.leases SET expires = clock_timestamp() + $4
WHERE ledger = $1 AND generation = $2 AND epoch = $3
RETURNING true
