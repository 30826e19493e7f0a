-- Keep a new key, unless the erasure of one of these has begun.
INSERT INTO vault.keys (ledger, holder, epoch, wrapped)
SELECT $1, $2, $3, $4
WHERE NOT EXISTS (SELECT FROM vault.erased e WHERE e.ledger = $1 AND e.holder = ANY ($5::text[]))
RETURNING true
