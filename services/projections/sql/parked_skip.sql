-- Let a parked entry be, in every generation that has it parked.
WITH seen AS (
    UPDATE projections.parked SET skipped = true WHERE ledger = $1 AND position = $2 RETURNING true
)
SELECT count(*) > 0 FROM seen
