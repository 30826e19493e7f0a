-- Give readers this generation.
UPDATE projections.generations SET serving = true, difference = NULL WHERE ledger = $1 AND generation = $2
