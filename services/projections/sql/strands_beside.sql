-- What any of these is about, and what is about any of these, as was ever known; no more than so many (null: all).
SELECT about AS subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND subject = ANY ($3::text[]) AND about IS NOT NULL
    AND kind <> 'decision.superseded'
UNION
SELECT subject FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND about = ANY ($3::text[]) AND about IS NOT NULL
    AND kind <> 'decision.superseded'
LIMIT $4
