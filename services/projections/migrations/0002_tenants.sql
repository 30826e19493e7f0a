-- Tenants are kept apart by the database as well as by the code: no tenant set = no rows, the owner included.
-- The projector writes the rows and serves the views from them; nobody else sees them.
DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['generations', 'leases', 'streams', 'facts', 'acts', 'parked', 'roots'] LOOP
        EXECUTE format('ALTER TABLE projections.%I ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format('ALTER TABLE projections.%I FORCE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'CREATE POLICY tenant ON projections.%I USING (ledger = current_setting(''locus.ledger'', true))',
            relation);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON projections.%I TO locus_projector', relation);
    END LOOP;
END
$$;
GRANT USAGE ON SCHEMA projections TO locus_projector;
