-- One page as NDJSON, put together where the bytes are: its last position and the lines between newlines.
SELECT max(p."position"), string_agg(p.entry, '\x0a'::bytea ORDER BY p."position")
FROM ledger.page($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) AS p
