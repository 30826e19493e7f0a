-- Strands that are others now, by whatever subject they bear the name of.
DELETE FROM projections.strands WHERE ledger = $1 AND generation = $2 AND strand = ANY ($3::text[])
