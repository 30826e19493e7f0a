-- The acts of some decisions, as known now, in the table's order of columns.
SELECT * FROM projections.acts
WHERE ledger = $1 AND generation = $2 AND decision = ANY ($3::text[]) AND known_to = 9223372036854775807
