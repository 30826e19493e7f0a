-- The same keys, wrapped by the newest epoch.
UPDATE vault.keys k SET epoch = $1, wrapped = n.wrapped
FROM unnest($2::text[], $3::text[], $4::bytea[]) AS n (ledger, holder, wrapped)
WHERE k.ledger = n.ledger AND k.holder = n.holder
