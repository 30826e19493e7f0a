-- The key-encryption key of this epoch is no more.
UPDATE vault.epochs SET destroyed = $2 WHERE epoch = $1 AND destroyed IS NULL
