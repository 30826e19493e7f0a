-- Tenants are kept apart by the database as well as by the code: no tenant set = no rows, for everybody, the owner
-- included. The owner may list the ledgers and their heads, for `heads()`.
DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['ledgers', 'commits', 'entries', 'mentions'] LOOP
        EXECUTE format('ALTER TABLE ledger.%I ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format('ALTER TABLE ledger.%I FORCE ROW LEVEL SECURITY', relation);
        -- The setting is looked up by a sub-select: once a statement, not once a row.
        EXECUTE format(
            'CREATE POLICY tenant ON ledger.%I'
            ' USING (ledger = (SELECT current_setting(''locus.ledger'', true)))', relation);
    END LOOP;
END
$$;
CREATE POLICY every_ledger ON ledger.ledgers FOR SELECT TO locus_owner USING (true);
CREATE POLICY every_head ON ledger.commits FOR SELECT TO locus_owner USING (true);
