-- Up to where cells and strands have come; nobody else may move them on until the transaction ends.
SELECT position AS cells, strands FROM projections.folded WHERE ledger = $1 AND generation = $2 FOR UPDATE
