-- The keys of these holders, and which of them are erased, whatever key there is.
SELECT w.holder, k.epoch, k.wrapped, e.holder IS NOT NULL AS erased
FROM unnest($2::text[]) AS w (holder)
LEFT JOIN vault.keys k ON k.ledger = $1 AND k.holder = w.holder
LEFT JOIN vault.erased e ON e.ledger = $1 AND e.holder = w.holder
