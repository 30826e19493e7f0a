-- Since when an erasure waits to become final.
SELECT min(e.gone) FROM vault.erased e
WHERE EXISTS (SELECT FROM vault.epochs p WHERE p.epoch <= e.epoch AND p.destroyed IS NULL)
