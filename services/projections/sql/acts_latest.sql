-- When the latest act known occurred: facts later than that concern no act.
SELECT max(occurred) FROM projections.acts WHERE ledger = $1 AND generation = $2
