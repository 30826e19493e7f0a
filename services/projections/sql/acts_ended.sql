-- Readings of acts that are known no more, from the position that ended them on. The driver writes the first
-- instant there is as before all time.
UPDATE projections.acts AS act SET known_to = ended.known_to
FROM unnest($3::text[], $4::bigint[], $5::timestamptz[], $6::bigint[], $7::bigint[])
    AS ended (decision, position, at_from, known_from, known_to)
WHERE act.ledger = $1 AND act.generation = $2 AND act.decision = ended.decision
    AND act.position = ended.position AND act.at_from = greatest(ended.at_from, timestamptz '0001-01-01 00:00:00+00')
    AND act.known_from = ended.known_from
