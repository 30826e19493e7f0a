-- A generation that grows beside another, and a ledger that is new, are not among the values the planner knows: it takes
-- them to be empty, and reads all there is of them to find a handful of rows, until the next ANALYZE. So whoever builds
-- one asks for that as it grows; of the two columns that tell generations apart, which is quickly done.
CREATE FUNCTION projections.estimate() RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = projections, pg_temp AS $$
BEGIN
    ANALYZE (SKIP_LOCKED) projections.streams (ledger, generation), projections.facts (ledger, generation),
        projections.acts (ledger, generation);
END
$$;
COMMENT ON FUNCTION projections.estimate IS 'Have the planner know how many rows each generation has.';
REVOKE ALL ON FUNCTION projections.estimate FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projections.estimate TO locus_projector;
