-- Facts that became known; row-level security refuses COPY. Each column comes as one text: names and bodies by line,
-- which neither can hold, the others as arrays are written. A body is kept as the text it came as.
INSERT INTO projections.facts
SELECT $1, $2, subject, kind, position, coalesce(key, ''), structural, valid_from, valid_to, known_from, known_to,
    convert_to(body, 'UTF8'),
    CASE kind
        WHEN 'consultation.requested' THEN body::json #>> '{data,about}'
        WHEN 'debrief.held' THEN body::json #>> '{data,about}'
        WHEN 'lesson.recorded' THEN body::json #>> '{data,from}'
        WHEN 'experiment.started' THEN 'initiative/' || (body::json #>> '{data,initiative}')
        WHEN 'decision.opened' THEN 'initiative/' || (body::json #>> '{data,initiative}')
        WHEN 'decision.made' THEN 'initiative/' || (body::json #>> '{data,initiative}')
        WHEN 'decision.superseded' THEN 'decision/' || (body::json #>> '{data,by_decision}')
    END
FROM unnest(
    string_to_array($3, E'\n'), string_to_array($4, E'\n'), string_to_array($5, E'\n'), $6::text::bigint[],
    $7::text::boolean[], $8::text::timestamptz[], $9::text::timestamptz[], $10::text::bigint[], $11::text::bigint[],
    string_to_array($12, E'\n')
) AS known (subject, kind, key, position, structural, valid_from, valid_to, known_from, known_to, body)
