-- Why work on a generation has stopped.
UPDATE projections.generations SET alarm = $3
WHERE ledger = $1 AND generation = $2 AND alarm IS DISTINCT FROM $3
