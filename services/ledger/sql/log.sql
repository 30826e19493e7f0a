-- The name, the head and the newest checkpoint of a log.
SELECT format, origin, last, root, note FROM ledger.log($1)
