-- Facts that are known no more, from the position that ended them on.
UPDATE projections.facts AS fact SET known_to = ended.known_to
FROM unnest($3::text[], $4::text[], $5::bigint[], $6::text[], $7::bigint[], $8::bigint[])
    AS ended (subject, kind, position, key, known_from, known_to)
WHERE fact.ledger = $1 AND fact.generation = $2 AND fact.subject = ended.subject AND fact.kind = ended.kind
    AND fact.position = ended.position AND fact.key = ended.key AND fact.known_from = ended.known_from
