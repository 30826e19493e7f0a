-- The entries that subjects' facts now come from.
INSERT INTO projections.streams (ledger, generation, subject, position)
SELECT $1, $2, subject, position FROM unnest($3::text[], $4::bigint[]) AS heard (subject, position)
