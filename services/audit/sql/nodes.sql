-- The stored hashes of whole tiles.
SELECT level, node, hash FROM ledger.nodes WHERE ledger = $1 ORDER BY level, node
