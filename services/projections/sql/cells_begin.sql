-- Cells that nobody has begun are those of nothing.
INSERT INTO projections.folded (ledger, generation, position)
SELECT ledger, generation, 0 FROM projections.generations WHERE ledger = $1 AND generation = $2
ON CONFLICT ON CONSTRAINT folded_pk DO NOTHING
