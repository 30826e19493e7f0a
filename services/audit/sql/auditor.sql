-- Whether there is a role for auditors that may read all of the ledgers; a database set up by an older version has none.
SELECT coalesce(
    (SELECT has_table_privilege(oid, 'ledger.mentions', 'SELECT') FROM pg_roles WHERE rolname = 'locus_auditor'), false)
