-- Strands have come to a position.
UPDATE projections.folded SET strands = $3 WHERE ledger = $1 AND generation = $2
