-- Statistics from the first row on: the planner takes a table nobody analysed for one of many rows.
DO $$
DECLARE
    relation regclass;
BEGIN
    FOR relation IN
        SELECT c.oid FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname IN ('access', 'ledger', 'projections', 'vault') AND c.relkind IN ('r', 'p')
    LOOP
        EXECUTE 'ANALYZE ' || relation;
    END LOOP;
END
$$
