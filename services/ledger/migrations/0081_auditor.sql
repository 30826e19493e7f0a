-- An auditor may see the tree and what was signed of it, as it may see entries and commits.
GRANT SELECT ON ledger.tiles, ledger.nodes, ledger.checkpoints TO locus_auditor;
