-- Keys that nothing can unwrap any more; how many there were.
WITH dropped AS (
    DELETE FROM vault.keys
    WHERE epoch = ANY ($1::integer[])
       OR epoch NOT IN (SELECT e.epoch FROM vault.epochs e WHERE e.destroyed IS NULL)
    RETURNING 1
)
SELECT count(*) FROM dropped
