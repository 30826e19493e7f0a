-- What nobody has begun to fold is at the beginning.
INSERT INTO projections.folded (ledger, generation, position)
SELECT ledger, generation, 0 FROM projections.generations WHERE ledger = $1 AND generation = $2
ON CONFLICT ON CONSTRAINT folded_pk DO NOTHING
