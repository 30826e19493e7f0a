-- What a generation's rows come to as known at a position: per kind, how many, and the sum of the rows' hashes
-- (their first 15 hexadecimal digits), so that neither order nor paging can show.
WITH said AS (
    SELECT kind, ROW(subject, position, key, valid_from, valid_to, known_from,
        CASE WHEN known_to > $3 THEN 0 ELSE known_to END, body)::text AS line
    FROM projections.facts WHERE ledger = $1 AND generation = $2 AND known_from <= $3
    UNION ALL
    SELECT 'acts', (to_jsonb(act) - 'generation' - 'known_to')::text
        || CASE WHEN known_to > $3 THEN 0 ELSE known_to END
    FROM projections.acts AS act WHERE ledger = $1 AND generation = $2 AND known_from <= $3
)
SELECT kind, count(*) AS rows,
    sum(('x' || substr(encode(sha256(convert_to(line, 'UTF8')), 'hex'), 1, 15))::bit(60)::bigint) AS sum
FROM said GROUP BY kind
