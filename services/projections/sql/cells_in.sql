-- The cells of one scope and tense in runs of periods: shares if $8, drift under the lens $9 if one is given.
SELECT c.counts, CASE WHEN $8 THEN c.shares END AS shares,
    CASE WHEN $9 = 'node' THEN c.drift_node END AS drift_node,
    CASE WHEN $9 = 'seat' THEN c.drift_seat END AS drift_seat
FROM unnest($5::text[], $6::date[], $7::date[]) AS run (grain, since, until)
JOIN projections.cells c ON c.ledger = $1 AND c.generation = $2 AND c.scope = $3 AND c.tense = ANY ($4::text[])
    AND c.grain = run.grain AND c.period >= run.since AND c.period < run.until
