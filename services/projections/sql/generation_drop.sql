-- A generation and all its rows, in one statement.
WITH facts AS (DELETE FROM projections.facts WHERE ledger = $1 AND generation = $2),
acts AS (DELETE FROM projections.acts WHERE ledger = $1 AND generation = $2),
streams AS (DELETE FROM projections.streams WHERE ledger = $1 AND generation = $2),
parked AS (DELETE FROM projections.parked WHERE ledger = $1 AND generation = $2),
cells AS (DELETE FROM projections.cells WHERE ledger = $1 AND generation = $2),
strands AS (DELETE FROM projections.strands WHERE ledger = $1 AND generation = $2),
folded AS (DELETE FROM projections.folded WHERE ledger = $1 AND generation = $2),
leases AS (DELETE FROM projections.leases WHERE ledger = $1 AND generation = $2)
DELETE FROM projections.generations WHERE ledger = $1 AND generation = $2
