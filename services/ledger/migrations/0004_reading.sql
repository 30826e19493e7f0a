-- What readers in other processes may call. They run as the owner, who is under the tenant policies like everybody,
-- with a fixed search path.

CREATE FUNCTION ledger.feed(of_ledger text, after bigint, max_entries integer)
RETURNS TABLE ("position" bigint, recorded timestamptz, entry bytea, root bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    -- Positions have no gaps, so a page is a range: no sort, no limit, one index scan merged with another.
    RETURN QUERY
    SELECT e.position, e.recorded, e.entry, c.root
    FROM ledger.entries e
    LEFT JOIN ledger.commits c
        ON c.ledger = of_ledger AND c.last = e.position AND c.last > after AND c.last <= after + max_entries
    WHERE e.ledger = of_ledger AND e.position > after AND e.position <= after + max_entries
    ORDER BY e.position;
END
$$;
COMMENT ON FUNCTION ledger.feed IS
    'The entries after a position, in order; root is that of the tree, on the last entry of each commit.';

CREATE FUNCTION ledger.heads() RETURNS TABLE (ledger text, last bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT l.ledger, coalesce(
        (SELECT c.last FROM ledger.commits c WHERE c.ledger = l.ledger ORDER BY c.last DESC LIMIT 1), 0)
    FROM ledger.ledgers l ORDER BY l.ledger;
END
$$;
COMMENT ON FUNCTION ledger.heads IS 'Every ledger and its last position: names and numbers, nothing of what they hold.';
