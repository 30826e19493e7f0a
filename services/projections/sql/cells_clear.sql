-- Cells that come to nothing are none.
DELETE FROM projections.cells c
USING unnest($3::text[], $4::text[], $5::text[], $6::date[]) AS at (scope, tense, grain, period)
WHERE c.ledger = $1 AND c.generation = $2 AND c.scope = at.scope AND c.tense = at.tense
    AND c.grain = at.grain AND c.period = at.period
