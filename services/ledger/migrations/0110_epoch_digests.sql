-- Which file is an epoch's key: a directory of keys may be another system's, whose key would be taken for ours and
-- destroyed in its place. Null: begun before this was noted; it is, at the next start.
ALTER TABLE vault.epochs ADD COLUMN digest bytea;
COMMENT ON COLUMN vault.epochs.digest IS 'SHA-256 of its key-encryption key, which is 64 random bytes.';
