-- The entries of some subjects, in order, through the ledger's feed: no other way leads to them.
SELECT stream.subject, fed.entry
FROM projections.streams AS stream CROSS JOIN LATERAL ledger.feed($1, stream.position - 1, 1) AS fed
WHERE stream.ledger = $1 AND stream.generation = $2 AND stream.subject = ANY ($3::text[])
ORDER BY stream.subject, stream.position
