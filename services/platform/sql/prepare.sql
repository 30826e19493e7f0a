-- What migrations stand on: the roles, the schemas and the record of what was applied.
-- Roles belong to the whole server, so another database's run may be creating them at this moment.
DO $$
DECLARE
    wanted text;
BEGIN
    FOREACH wanted IN ARRAY ARRAY[
        'locus_owner', 'locus_appender', 'locus_relay', 'locus_reader', 'locus_projector', 'locus_auditor', 'locus_vault'
    ] LOOP
        BEGIN
            IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = wanted) THEN
                EXECUTE format('CREATE ROLE %I %s', wanted,
                               CASE WHEN wanted = 'locus_owner' THEN 'NOLOGIN' ELSE 'LOGIN' END);
            END IF;
        EXCEPTION WHEN duplicate_object OR unique_violation THEN
            RAISE DEBUG 'another run created role %', wanted;
        END;
        -- Since version 16, whoever created a role may give it away, but not yet take it.
        IF NOT (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) THEN
            EXECUTE format('GRANT %I TO %I', wanted, current_user);
        END IF;
    END LOOP;
    -- Our logins need no temporary objects, and what cannot be made cannot stand in front of anything.
    EXECUTE format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CREATE ON DATABASE %I TO locus_owner', current_database());
END
$$;
SET ROLE locus_owner;
CREATE SCHEMA IF NOT EXISTS access;
CREATE SCHEMA IF NOT EXISTS ledger;
CREATE SCHEMA IF NOT EXISTS projections;
CREATE TABLE IF NOT EXISTS access.migrations (
    name text CONSTRAINT migrations_name PRIMARY KEY,
    applied timestamptz NOT NULL DEFAULT now()
);
