-- What somebody has let be stays so in the generation that takes the place of the one in which they did.
UPDATE projections.parked AS new SET skipped = true
FROM projections.parked AS old
WHERE new.ledger = $1 AND new.generation = $3 AND NOT new.skipped
    AND old.ledger = $1 AND old.generation = $2 AND old.skipped AND old.position = new.position
