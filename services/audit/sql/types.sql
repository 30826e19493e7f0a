-- The types of the events with these identities.
SELECT e.source, e.id, e.type
FROM unnest($2::text[], $3::text[]) AS w (source, id)
JOIN ledger.entries e ON e.ledger = $1 AND e.source = w.source AND e.id = w.id
