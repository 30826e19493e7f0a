-- Cells have come to a position.
UPDATE projections.folded SET position = $3 WHERE ledger = $1 AND generation = $2
