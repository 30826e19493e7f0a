-- Entries that could not be taken, with the error; an entry may fail again when it is read anew.
INSERT INTO projections.parked (ledger, generation, position, subject, error)
SELECT $1, $2, position, subject, error
FROM unnest($3::bigint[], $4::text[], $5::text[]) AS parked (position, subject, error)
ON CONFLICT ON CONSTRAINT parked_pk DO UPDATE SET error = excluded.error
