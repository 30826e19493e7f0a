-- Move on, if nobody else has taken the lease or moved on meanwhile.
UPDATE projections.generations
SET position = $5, recorded = $6, root = $7, frontier = $8
WHERE ledger = $1 AND generation = $2 AND position = $4
    AND EXISTS (SELECT FROM projections.leases WHERE ledger = $1 AND generation = $2 AND epoch = $3)
RETURNING true
