-- Up to where cells have come.
SELECT position FROM projections.folded WHERE ledger = $1 AND generation = $2
