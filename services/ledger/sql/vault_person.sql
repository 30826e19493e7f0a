-- What there is of a holder: key, erasure. An erasure is final once every epoch up to its own is destroyed.
SELECT k.holder IS NOT NULL AS has_key, e.basis, e.asked, e.gone, e.position,
       e.gone IS NOT NULL AND NOT EXISTS (
           SELECT FROM vault.epochs p WHERE p.epoch <= e.epoch AND p.destroyed IS NULL) AS final
FROM (SELECT) AS one
LEFT JOIN vault.keys k ON k.ledger = $1 AND k.holder = $2
LEFT JOIN vault.erased e ON e.ledger = $1 AND e.holder = $2
