-- A ledger's generations, the oldest first.
SELECT generation, facts_version, serving, agreed, position, alarm, difference
FROM projections.generations WHERE ledger = $1 ORDER BY generation
