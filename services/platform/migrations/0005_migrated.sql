-- A program can tell whether a database has the migrations it needs, and newer ones it does not know.
CREATE FUNCTION access.migrated() RETURNS SETOF text
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = access, pg_temp AS $$
    SELECT name FROM access.migrations ORDER BY name
$$;
COMMENT ON FUNCTION access.migrated IS 'The names of the migrations that were applied.';
GRANT EXECUTE ON FUNCTION access.migrated TO locus_reader, locus_projector;
