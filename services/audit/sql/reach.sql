-- The ledger's name in checkpoints, its format, and the highest position of its entries and of its commits, up to the
-- last that there may be ($2).
SELECT coalesce(l.origin, '') AS origin, coalesce(l.format, -1::smallint) AS format,
       (SELECT max(position) FROM ledger.entries WHERE ledger = $1 AND position <= $2) AS highest,
       (SELECT max(last) FROM ledger.commits WHERE ledger = $1 AND last <= $2) AS told
FROM ledger.ledgers l WHERE l.ledger = $1
