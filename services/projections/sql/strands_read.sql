-- Of each of these subjects: when anything occurred to it, by all that was ever known; what it was ever about and which
-- domains it ever named; from which position to which it was told; and of what is known now, what a decision is filed
-- under, by which kind of entry, when and with what outcome it was last asked or settled.
SELECT f.subject,
    min(valid_from) AS opens, max(valid_from) AS closes,
    min(known_from) AS known_from,
    max(CASE WHEN known_to < 9223372036854775807 THEN known_to ELSE known_from END) AS changed,
    array_agg(DISTINCT about) FILTER (WHERE about IS NOT NULL AND kind <> 'decision.superseded') AS about,
    array_agg(DISTINCT convert_from(body, 'UTF8')::json #>> '{data,domains}')
        FILTER (WHERE kind IN ('decision.opened', 'decision.made', 'initiative.proposed')) AS domains,
    array_agg(DISTINCT convert_from(body, 'UTF8')::json #>> '{data,proposes_row}')
        FILTER (WHERE kind = 'lesson.recorded') AS proposed,
    array_agg(DISTINCT convert_from(body, 'UTF8')::json #>> '{data,title}')
        FILTER (WHERE kind IN ('decision.opened', 'decision.made', 'initiative.proposed')) AS titles,
    (array_agg(about ORDER BY valid_from DESC, position DESC)
        FILTER (WHERE known_to = 9223372036854775807 AND about IS NOT NULL
            AND kind IN ('decision.opened', 'decision.made')))[1] AS filed,
    (array_agg(CASE WHEN convert_from(body, 'UTF8')::json #>> '{data,outcome}' IN ('deferred', 'returned')
            THEN 'decision.opened' ELSE kind END ORDER BY valid_from DESC, position DESC)
        FILTER (WHERE known_to = 9223372036854775807 AND kind = ANY ($4::text[])))[1] AS last,
    max(valid_from) FILTER (WHERE known_to = 9223372036854775807 AND kind = ANY ($5::text[])) AS settled,
    max(valid_from) FILTER (WHERE known_to = 9223372036854775807
        AND kind IN ('consultation.requested', 'initiative.proposed')) AS asked
FROM projections.facts f
WHERE ledger = $1 AND generation = $2 AND subject = ANY ($3::text[]) AND NOT structural
GROUP BY f.subject
