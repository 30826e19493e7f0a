-- The stored hashes of whole tiles, but for those that no ledger can have; of each, one byte more than it may hold.
SELECT level, node, substring(coalesce(hash, ''), 1, 33) AS hash
FROM ledger.nodes WHERE ledger = $1 AND level BETWEEN 1 AND 7 AND node BETWEEN 0 AND $2::bigint >> 8 * level ORDER BY level, node
