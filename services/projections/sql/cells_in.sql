-- The cells of one scope and tense in runs of periods, to add or take away: shares if $9, drift under the lens $10 if
-- one is given.
SELECT c.counts, CASE WHEN $9 THEN c.shares END AS shares,
    CASE WHEN $10 = 'node' THEN c.drift_node END AS drift_node,
    CASE WHEN $10 = 'seat' THEN c.drift_seat END AS drift_seat, run.sign
FROM unnest($5::text[], $6::date[], $7::date[], $8::int[]) AS run (grain, since, until, sign)
JOIN projections.cells c ON c.ledger = $1 AND c.generation = $2 AND c.scope = $3 AND c.tense = ANY ($4::text[])
    AND c.grain = run.grain AND c.period >= run.since AND c.period < run.until
