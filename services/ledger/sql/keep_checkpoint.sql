-- Shows readers a new checkpoint; false: they have one of a larger tree.
SELECT ledger.keep_checkpoint($1, $2, $3)
