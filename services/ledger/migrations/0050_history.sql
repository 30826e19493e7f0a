-- What the history asks. Each function sets the tenant in its first statement and runs as its caller, locus_reader,
-- under row-level security.

CREATE FUNCTION ledger.head(of_ledger text) RETURNS bigint LANGUAGE plpgsql STABLE AS $$
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN (
        SELECT coalesce((SELECT max(c.last) FROM ledger.commits c WHERE c.ledger = of_ledger), 0)
        FROM ledger.ledgers l WHERE l.ledger = of_ledger
    );
END
$$;
COMMENT ON FUNCTION ledger.head IS 'The last position; 0: nothing yet; null: there is no such ledger.';

-- One branch a filter that leads; the others only thin out what its index gives. Leading are, in this order, those
-- that tend to leave least. A filter that is null is folded away when the statement is planned, which is anew each
-- time: force_custom_plan. Times bound [from, to); a recorded time is a bound on positions.
CREATE FUNCTION ledger.history(
    of_ledger text, after bigint, until bigint, most integer,
    want_type text, want_subject text, want_actor text, want_domain text, want_source text,
    occurred_from timestamptz, occurred_to timestamptz, recorded_from timestamptz, recorded_to timestamptz
) RETURNS TABLE ("position" bigint, entry bytea) LANGUAGE plpgsql STABLE SET plan_cache_mode = force_custom_plan AS $$
#variable_conflict use_column
DECLARE
    many CONSTANT integer := 10000;
    low bigint := after;
    high bigint := until;
    few bigint[];
    reached bigint;
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    IF recorded_from IS NOT NULL THEN
        low := greatest(low, coalesce(
            (SELECT c.first - 1 FROM ledger.commits c
             WHERE c.ledger = of_ledger AND c.recorded >= recorded_from ORDER BY c.recorded LIMIT 1), until));
    END IF;
    IF recorded_to IS NOT NULL THEN
        high := least(high, coalesce(
            (SELECT c.last FROM ledger.commits c
             WHERE c.ledger = of_ledger AND c.recorded < recorded_to ORDER BY c.recorded DESC LIMIT 1), 0));
    END IF;

    IF want_subject IS NOT NULL THEN
        -- A page begins after the version the last one ended with, so no page walks the stream from its beginning.
        reached := coalesce(
            (SELECT e.version FROM ledger.entries e
             WHERE e.ledger = of_ledger AND e.position = low AND e.subject = want_subject), 0);
        RETURN QUERY
        SELECT e.position, e.entry FROM ledger.entries e
        WHERE e.ledger = of_ledger AND e.subject = want_subject AND e.version > reached
          AND e.position > low AND e.position <= high
          AND (want_type IS NULL OR e.type = want_type)
          AND (want_source IS NULL OR e.source = want_source)
          AND (occurred_from IS NULL OR e.occurred >= occurred_from)
          AND (occurred_to IS NULL OR e.occurred < occurred_to)
          AND (want_actor IS NULL OR EXISTS (
              SELECT FROM ledger.mentions m
              WHERE m.ledger = of_ledger AND m.kind = 'actor' AND m.value = want_actor AND m.position = e.position))
          AND (want_domain IS NULL OR EXISTS (
              SELECT FROM ledger.mentions m
              WHERE m.ledger = of_ledger AND m.kind = 'domain' AND m.value = want_domain AND m.position = e.position))
        ORDER BY e.version LIMIT most;

    ELSIF want_actor IS NOT NULL OR want_domain IS NOT NULL THEN
        RETURN QUERY
        SELECT e.position, e.entry
        FROM ledger.mentions m
        JOIN ledger.entries e ON e.ledger = of_ledger AND e.position = m.position
        WHERE m.ledger = of_ledger
          AND m.kind = CASE WHEN want_actor IS NULL THEN 'domain' ELSE 'actor' END
          AND m.value = coalesce(want_actor, want_domain)
          AND m.position > low AND m.position <= high
          AND (want_actor IS NULL OR want_domain IS NULL OR EXISTS (
              SELECT FROM ledger.mentions d
              WHERE d.ledger = of_ledger AND d.kind = 'domain' AND d.value = want_domain AND d.position = m.position))
          AND (want_type IS NULL OR e.type = want_type)
          AND (want_source IS NULL OR e.source = want_source)
          AND (occurred_from IS NULL OR e.occurred >= occurred_from)
          AND (occurred_to IS NULL OR e.occurred < occurred_to)
        ORDER BY m.position LIMIT most;

    ELSIF want_type IS NOT NULL OR want_source IS NOT NULL THEN
        RETURN QUERY
        SELECT e.position, e.entry FROM ledger.entries e
        WHERE e.ledger = of_ledger AND e.position > low AND e.position <= high
          AND (want_type IS NULL OR e.type = want_type)
          AND (want_source IS NULL OR e.source = want_source)
          AND (occurred_from IS NULL OR e.occurred >= occurred_from)
          AND (occurred_to IS NULL OR e.occurred < occurred_to)
        ORDER BY e.position LIMIT most;

    ELSIF occurred_from IS NOT NULL OR occurred_to IS NOT NULL THEN
        -- Its index is not in the order of positions: what is few is sorted, what is many is met soon by walking.
        few := ARRAY(
            SELECT e.position FROM ledger.entries e
            WHERE e.ledger = of_ledger
              AND e.occurred >= coalesce(occurred_from, '-infinity') AND e.occurred < coalesce(occurred_to, 'infinity')
              AND e.position > low AND e.position <= high
            LIMIT many + 1);
        IF cardinality(few) <= many THEN
            few := ARRAY(SELECT p FROM unnest(few) AS p ORDER BY p LIMIT most);
            RETURN QUERY
            SELECT e.position, e.entry FROM ledger.entries e
            WHERE e.ledger = of_ledger AND e.position = ANY (few) ORDER BY e.position;
        ELSE
            RETURN QUERY
            SELECT e.position, e.entry FROM ledger.entries e
            WHERE e.ledger = of_ledger AND e.position > low AND e.position <= high
              AND e.occurred >= coalesce(occurred_from, '-infinity') AND e.occurred < coalesce(occurred_to, 'infinity')
            ORDER BY e.position LIMIT most;
        END IF;

    ELSE
        -- Positions have no gaps: a page is a range.
        RETURN QUERY
        SELECT e.position, e.entry FROM ledger.entries e
        WHERE e.ledger = of_ledger AND e.position > low AND e.position <= least(high, low + most)
        ORDER BY e.position;
    END IF;
END
$$;
COMMENT ON FUNCTION ledger.history IS
    'At most `most` entries with after < position <= until that pass every filter given, in order.';

CREATE FUNCTION ledger.page(
    of_ledger text, after bigint, until bigint, most integer, most_bytes integer,
    want_type text, want_subject text, want_actor text, want_domain text, want_source text,
    occurred_from timestamptz, occurred_to timestamptz, recorded_from timestamptz, recorded_to timestamptz
) RETURNS TABLE ("position" bigint, entry bytea) LANGUAGE sql STABLE AS $$
    SELECT sized.position, sized.entry
    FROM (
        SELECT h.position, h.entry,
               sum(octet_length(h.entry)) OVER (ORDER BY h.position ROWS UNBOUNDED PRECEDING) AS taken
        FROM ledger.history(of_ledger, after, until, most, want_type, want_subject, want_actor, want_domain,
                            want_source, occurred_from, occurred_to, recorded_from, recorded_to) AS h
    ) AS sized
    WHERE sized.taken - octet_length(sized.entry) < most_bytes
    ORDER BY sized.position
$$;
COMMENT ON FUNCTION ledger.page IS 'The history up to the entry that passes most_bytes: however long entries are, a page fits in memory.';

CREATE FUNCTION ledger.subject(of_ledger text, of_subject text)
RETURNS TABLE (version bigint, phase text, "position" bigint) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT e.version, e.phase, e.position FROM ledger.entries e
    WHERE e.ledger = of_ledger AND e.subject = of_subject ORDER BY e.version DESC LIMIT 1;
END
$$;
COMMENT ON FUNCTION ledger.subject IS 'Where a subject stands, and the position of its last entry; no row: nothing is known of it.';

-- The commit that holds a position; if it is not the commit's last, what the root of the tree up to it needs.
CREATE FUNCTION ledger.tree_at(of_ledger text, at bigint)
RETURNS TABLE (last bigint, root bytea, before bigint, frontier bytea, leaves bytea[]) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT c.last, c.root, c.first - 1, coalesce(p.frontier, ''),
           CASE WHEN c.last = at THEN '{}' ELSE ARRAY(
               SELECT sha256('\x00'::bytea || e.entry) FROM ledger.entries e
               WHERE e.ledger = of_ledger AND e.position >= c.first AND e.position <= at ORDER BY e.position) END
    FROM (
        SELECT * FROM ledger.commits c WHERE c.ledger = of_ledger AND c.last >= at ORDER BY c.last LIMIT 1
    ) AS c
    LEFT JOIN ledger.commits p ON p.ledger = of_ledger AND p.last = c.first - 1
    WHERE c.first <= at;
END
$$;
COMMENT ON FUNCTION ledger.tree_at IS
    'The root at a commit''s end, or the frontier before the commit and the leaf hashes from there; no row: not reached.';

-- Actors in the order in which they were first described.
CREATE FUNCTION ledger.described(of_ledger text, after bigint, most integer, want_actors text[])
RETURNS TABLE ("position" bigint, subject text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT e.position, e.subject FROM ledger.entries e
    WHERE e.ledger = of_ledger AND e.type IN ('locus.actor.registered.v1', 'locus.actor.updated.v1')
      AND e.position > after
      AND (want_actors IS NULL OR e.subject = ANY (want_actors))
      AND NOT EXISTS (
          SELECT FROM ledger.entries earlier
          WHERE earlier.ledger = of_ledger AND earlier.subject = e.subject AND earlier.version < e.version
            AND earlier.type IN ('locus.actor.registered.v1', 'locus.actor.updated.v1'))
    ORDER BY e.position LIMIT most;
END
$$;
COMMENT ON FUNCTION ledger.described IS 'Actors with a profile, each at the position of its first; want_actors null: all.';

REVOKE ALL ON FUNCTION ledger.head, ledger.history, ledger.page, ledger.subject, ledger.tree_at, ledger.described
    FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.head, ledger.history, ledger.page, ledger.subject, ledger.tree_at, ledger.described,
    ledger.streams TO locus_reader;
