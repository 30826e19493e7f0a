-- More of an erased person goes only now, under the epoch of now, if that is a later one.
UPDATE vault.erased SET gone = $3, epoch = (SELECT max(epoch) FROM vault.epochs)
WHERE ledger = $1 AND holder = $2 AND epoch < (SELECT max(epoch) FROM vault.epochs)
