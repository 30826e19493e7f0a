-- The stored tiles of leaf hashes.
SELECT tile, hashes FROM ledger.tiles WHERE ledger = $1 ORDER BY tile
