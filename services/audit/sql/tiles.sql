-- The stored tiles of leaf hashes, but for those that no ledger can have; of each, one byte more than it may hold.
SELECT tile, substring(coalesce(hashes, ''), 1, 8193) AS hashes
FROM ledger.tiles WHERE ledger = $1 AND tile BETWEEN 0 AND $2::bigint >> 8 ORDER BY tile
