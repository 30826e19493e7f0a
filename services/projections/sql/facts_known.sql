-- Facts that became known, as JSON: row-level security refuses COPY. A body is kept as the text it came as.
INSERT INTO projections.facts
SELECT ledger, generation, subject, kind, position, key, structural, valid_from, valid_to, known_from, known_to,
    convert_to(body::text, 'UTF8')
FROM json_to_recordset($1::json) AS known (
    ledger text, generation integer, subject text, kind text, position bigint, key text, structural boolean,
    valid_from timestamptz, valid_to timestamptz, known_from bigint, known_to bigint, body json)
