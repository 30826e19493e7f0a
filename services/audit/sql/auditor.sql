-- The role made for auditors, where there is one already.
SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = 'locus_auditor')
