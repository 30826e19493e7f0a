-- The next decisions with an act, as known now, that a changed fact may concern: by when it occurred, and by the
-- domain, initiative or decision the fact bears on ('': any).
SELECT DISTINCT decision FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND occurred >= $3 AND occurred < $4
    AND known_to = 9223372036854775807 AND decision > $7
    AND CASE $5
        WHEN '' THEN true
        WHEN 'domain' THEN $6 = ANY (scopes)
        WHEN 'initiative' THEN initiative = $6
        ELSE decision = $6
    END
ORDER BY decision LIMIT $8
