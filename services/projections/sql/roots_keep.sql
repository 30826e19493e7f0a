-- Frontiers of a ledger, the same whichever generation was being built when they were met.
INSERT INTO projections.roots (ledger, position, recorded, frontier)
SELECT $1, position, recorded, frontier
FROM unnest($2::bigint[], $3::timestamptz[], $4::bytea[]) AS kept (position, recorded, frontier)
ON CONFLICT ON CONSTRAINT roots_pk DO NOTHING
