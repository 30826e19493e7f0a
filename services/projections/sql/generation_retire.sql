-- Readers are given another generation; in a statement of its own, for only one may be served at any time.
UPDATE projections.generations SET serving = false WHERE ledger = $1 AND generation = $2
