-- The ledger's name in checkpoints, its format, and the lowest and highest positions of its entries and its commits.
SELECT l.origin, l.format,
       (SELECT min(position) FROM ledger.entries WHERE ledger = $1) AS lowest,
       (SELECT max(position) FROM ledger.entries WHERE ledger = $1) AS highest,
       (SELECT max(last) FROM ledger.commits WHERE ledger = $1) AS told
FROM ledger.ledgers l WHERE l.ledger = $1
