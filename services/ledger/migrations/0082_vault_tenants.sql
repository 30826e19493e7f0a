-- The vault's tables are for its own role alone. That role sees every ledger's keys: an epoch is turned for all of them
-- at once. Whoever else is ever granted something here sees one ledger's rows.
DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['keys', 'erased', 'holds'] LOOP
        EXECUTE format('ALTER TABLE vault.%I ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format('ALTER TABLE vault.%I FORCE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'CREATE POLICY tenant ON vault.%I'
            ' USING (ledger = (SELECT current_setting(''locus.ledger'', true)))', relation);
        EXECUTE format('CREATE POLICY keeper ON vault.%I TO locus_vault USING (true)', relation);
    END LOOP;
END
$$;
REVOKE ALL ON ALL TABLES IN SCHEMA vault FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC;
