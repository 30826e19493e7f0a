-- Up to where strands have come.
SELECT strands FROM projections.folded WHERE ledger = $1 AND generation = $2
