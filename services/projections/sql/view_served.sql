-- The generation readers are given, and how far it has come.
SELECT generation, facts_version, position, recorded, root FROM projections.generations
WHERE ledger = $1 AND serving
