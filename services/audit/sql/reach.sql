-- The ledger's name in checkpoints, and the lowest and highest positions of its entries and of its commits.
SELECT l.origin,
       (SELECT min(position) FROM ledger.entries WHERE ledger = $1) AS lowest,
       (SELECT max(position) FROM ledger.entries WHERE ledger = $1) AS highest,
       (SELECT max(last) FROM ledger.commits WHERE ledger = $1) AS told
FROM ledger.ledgers l WHERE l.ledger = $1
