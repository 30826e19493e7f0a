-- What the appender calls. Each function sets the tenant in its first statement and runs as its caller, under
-- row-level security. The lock is a statement of its own: a lock and a read in one statement see different moments;
-- inside a volatile plpgsql function each statement has its own snapshot (READ COMMITTED).

CREATE FUNCTION ledger.lock(of_ledger text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    PERFORM pg_advisory_xact_lock(hashtextextended(of_ledger, 7003811942));
END
$$;
COMMENT ON FUNCTION ledger.lock IS 'Writes to this ledger wait until the transaction ends.';

CREATE FUNCTION ledger.create_ledger(new_ledger text, new_origin text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('locus.ledger', new_ledger, true);
    INSERT INTO ledger.ledgers (ledger, origin, created) VALUES (new_ledger, new_origin, at) ON CONFLICT DO NOTHING;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION ledger.create_ledger IS 'False: there is one of that name already.';

CREATE FUNCTION ledger.instant(microseconds bigint) RETURNS timestamptz LANGUAGE sql STABLE AS $$
    -- In two parts, since intervals are multiplied in double precision.
    SELECT timestamptz 'epoch' + (microseconds / 1000000) * interval '1 second'
                               + (microseconds % 1000000) * interval '1 microsecond'
$$;
COMMENT ON FUNCTION ledger.instant IS 'The instant so many microseconds after 1970, exactly.';

CREATE FUNCTION ledger.parted(texts text) RETURNS text[] LANGUAGE sql IMMUTABLE AS $$
    SELECT string_to_array(texts, E'\x1f')
$$;
COMMENT ON FUNCTION ledger.parted IS 'Texts written as one, parted by the control character U+001F, which no id may hold.';

-- The plans in here have no choice to make (inserts, and the last row of commits by its key), so they are cached:
-- planning them anew costs as much as running them. No scan but the index's can be cached: sequential ones are off.
CREATE FUNCTION ledger.append(
    to_ledger text, expected_last bigint, at timestamptz,
    versions bigint[], subjects text, types text, sources text, ids text,
    occurreds bigint[], latests bigint[], phases text, lines bytea[],
    mention_kinds text, mention_values text, mention_positions bigint[],
    new_root bytea, new_frontier bytea
) RETURNS boolean LANGUAGE plpgsql
SET plan_cache_mode = force_generic_plan SET enable_seqscan = off SET enable_bitmapscan = off AS $$
DECLARE
    head_last bigint;
    head_recorded timestamptz;
BEGIN
    PERFORM ledger.lock(to_ledger);
    SELECT last, recorded INTO head_last, head_recorded
    FROM ledger.commits WHERE ledger = to_ledger ORDER BY last DESC LIMIT 1;
    IF coalesce(head_last, 0) <> expected_last THEN
        RETURN false;
    END IF;
    IF at <= head_recorded THEN
        RAISE EXCEPTION 'recorded % is not after the last commit of %', at, to_ledger
            USING ERRCODE = 'object_not_in_prerequisite_state';
    END IF;
    INSERT INTO ledger.entries
        (ledger, position, recorded, occurred, version, latest, subject, type, source, id, phase, entry)
    SELECT to_ledger, expected_last + e.n, at, ledger.instant(e.occurred), e.version, ledger.instant(e.latest),
           e.subject, e.type, e.source, e.id, coalesce(e.phase, ''), e.line
    FROM unnest(versions, ledger.parted(subjects), ledger.parted(types), ledger.parted(sources), ledger.parted(ids),
                occurreds, latests, ledger.parted(phases), lines)
        WITH ORDINALITY AS e (version, subject, type, source, id, occurred, latest, phase, line, n);
    INSERT INTO ledger.mentions (ledger, kind, value, position)
    SELECT to_ledger, m.kind, m.value, m.position
    FROM unnest(ledger.parted(mention_kinds), ledger.parted(mention_values), mention_positions) AS m (kind, value, position);
    INSERT INTO ledger.commits (ledger, first, last, recorded, root, frontier)
    VALUES (to_ledger, expected_last + 1, expected_last + cardinality(lines), at, new_root, new_frontier);
    RETURN true;
END
$$;
COMMENT ON FUNCTION ledger.append IS 'Adds one group after expected_last, whole; false: the head has moved, judge again.';

CREATE FUNCTION ledger.judge(of_ledger text, wanted_sources text[], wanted_ids text[], wanted_subjects text[])
RETURNS TABLE (
    what text, place bigint, "position" bigint, recorded timestamptz, version bigint, latest timestamptz,
    phase text, bytes bytea
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT 'head', 0::bigint, coalesce(c.last, 0), coalesce(c.recorded, l.created), 0::bigint,
           NULL::timestamptz, '', coalesce(c.frontier, '')
    FROM ledger.ledgers l LEFT JOIN LATERAL (
        SELECT last, recorded, frontier FROM ledger.commits WHERE ledger = of_ledger ORDER BY last DESC LIMIT 1
    ) c ON true
    WHERE l.ledger = of_ledger;
    RETURN QUERY
    SELECT 'identity', w.n, e.position, e.recorded, e.version, NULL::timestamptz, '', e.entry
    FROM unnest(wanted_sources, wanted_ids) WITH ORDINALITY AS w (source, id, n)
    JOIN ledger.entries e ON e.ledger = of_ledger AND e.source = w.source AND e.id = w.id;
    RETURN QUERY
    SELECT 'subject', w.n, s.position, s.recorded, s.version, s.latest, s.phase, NULL::bytea
    FROM unnest(wanted_subjects) WITH ORDINALITY AS w (subject, n)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.entries e WHERE e.ledger = of_ledger AND e.subject = w.subject
        ORDER BY e.version DESC LIMIT 1
    ) s;
END
$$;
COMMENT ON FUNCTION ledger.judge IS
    'One moment of the ledger: the head, which identities are stored, where each subject stands.';

CREATE FUNCTION ledger.streams(of_ledger text, wanted_subjects text[])
RETURNS TABLE (subject text, "position" bigint, recorded timestamptz, occurred timestamptz, entry bytea)
LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT e.subject, e.position, e.recorded, e.occurred, e.entry
    FROM unnest(wanted_subjects) WITH ORDINALITY AS w (subject, n)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.entries e WHERE e.ledger = of_ledger AND e.subject = w.subject ORDER BY e.version
    ) e;
END
$$;
COMMENT ON FUNCTION ledger.streams IS 'Every entry of these subjects, each subject''s in order.';
