-- An auditor may see by what the history is filtered: a row that is gone hides an entry from whoever filters.
GRANT SELECT ON ledger.mentions TO locus_auditor;
