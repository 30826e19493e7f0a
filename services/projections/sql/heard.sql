-- The entries that subjects' facts now come from: subjects by line, which no id can hold, and positions by space.
INSERT INTO projections.streams (ledger, generation, subject, position)
SELECT $1, $2, subject, position
FROM unnest(string_to_array($3, E'\n'), string_to_array($4, ' ')::bigint[]) AS heard (subject, position)
