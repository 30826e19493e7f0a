-- Cells by their places.
SELECT c.scope, c.tense, c.grain, c.period, c.counts, c.shares, c.drift_node, c.drift_seat
FROM unnest($3::text[], $4::text[], $5::text[], $6::date[]) AS at (scope, tense, grain, period)
JOIN projections.cells c ON c.ledger = $1 AND c.generation = $2 AND c.scope = at.scope AND c.tense = at.tense
    AND c.grain = at.grain AND c.period = at.period
