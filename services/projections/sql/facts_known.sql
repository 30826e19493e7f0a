-- Facts that became known, as JSON: row-level security refuses COPY. A body is kept as the text it came as.
INSERT INTO projections.facts
SELECT ledger, generation, subject, kind, position, key, structural, valid_from, valid_to, known_from, known_to,
    convert_to(body::text, 'UTF8'),
    CASE kind
        WHEN 'consultation.requested' THEN body #>> '{data,about}'
        WHEN 'debrief.held' THEN body #>> '{data,about}'
        WHEN 'lesson.recorded' THEN body #>> '{data,from}'
        WHEN 'experiment.started' THEN 'initiative/' || (body #>> '{data,initiative}')
        WHEN 'decision.opened' THEN 'initiative/' || (body #>> '{data,initiative}')
        WHEN 'decision.made' THEN 'initiative/' || (body #>> '{data,initiative}')
        WHEN 'decision.superseded' THEN 'decision/' || (body #>> '{data,by_decision}')
    END
FROM json_to_recordset($1::json) AS known (
    ledger text, generation integer, subject text, kind text, position bigint, key text, structural boolean,
    valid_from timestamptz, valid_to timestamptz, known_from bigint, known_to bigint, body json)
