-- How far every ledger's views are behind it, for metrics and health: names and numbers, nothing of what they hold.
-- The owner may read these two tables across ledgers, for the function alone: nobody can log in as the owner.
CREATE POLICY every_generation ON projections.generations FOR SELECT TO locus_owner USING (true);
CREATE POLICY every_parked ON projections.parked FOR SELECT TO locus_owner USING (true);

CREATE FUNCTION projections.lags() RETURNS TABLE (ledger text, "position" bigint, head bigint, parked bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = projections, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT h.ledger, coalesce(g.position, 0), h.last,
        (SELECT count(*) FROM projections.parked p
         WHERE p.ledger = g.ledger AND p.generation = g.generation AND NOT p.skipped)
    FROM ledger.heads() h LEFT JOIN projections.generations g ON g.ledger = h.ledger AND g.serving
    ORDER BY h.ledger;
END
$$;
COMMENT ON FUNCTION projections.lags IS 'Every ledger, how far its views have come, its head, and what is parked.';
REVOKE ALL ON FUNCTION projections.lags FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projections.lags TO locus_projector;
