-- Keep every generation's checkpoint where it is until the transaction ends.
SELECT FROM projections.generations WHERE ledger = $1 ORDER BY generation FOR UPDATE
