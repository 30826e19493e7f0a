-- An erasure that the log knows and the vault does not: it was restored from before.
INSERT INTO vault.erased (ledger, holder, basis, asked) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING
