-- Where a generation stands.
SELECT position, recorded, frontier FROM projections.generations WHERE ledger = $1 AND generation = $2
