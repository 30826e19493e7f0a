-- The tree in tiles (C2SP tlog-tiles), the checkpoints, and ledgers of format 1, which have both. A ledger made
-- before has format 0: it is read as ever, and takes nothing more.

ALTER TABLE ledger.ledgers ADD COLUMN format smallint NOT NULL DEFAULT 0;
-- Two logs of one name could each show a checkpoint that the other's witnesses would take for a lie.
ALTER TABLE ledger.ledgers ADD CONSTRAINT ledgers_origin UNIQUE (origin);

-- The leaf hashes of 256 entries. Those of a tile that is not full yet are computed when somebody asks.
CREATE TABLE ledger.tiles (
    ledger text NOT NULL,
    tile   bigint NOT NULL,
    hashes bytea NOT NULL,
    CONSTRAINT tiles_pk PRIMARY KEY (ledger, tile),
    CONSTRAINT tiles_full CHECK (octet_length(hashes) = 8192)
);
ALTER TABLE ledger.tiles ALTER COLUMN hashes SET STORAGE EXTERNAL;  -- hashes cannot be compressed

-- The hash of each full tile of the level below; 256 neighbours are a tile of level 1 and above.
CREATE TABLE ledger.nodes (
    ledger text NOT NULL,
    level  smallint NOT NULL,
    node   bigint NOT NULL,
    hash   bytea NOT NULL,
    CONSTRAINT nodes_pk PRIMARY KEY (ledger, level, node),
    CONSTRAINT nodes_hash CHECK (level > 0 AND octet_length(hash) = 32)
);

-- The newest signed note of each ledger. The one table with a row that changes, at most twice a second and never to
-- a smaller tree; nothing rests on it: whoever signs keeps what was signed elsewhere.
CREATE TABLE ledger.checkpoints (
    ledger text CONSTRAINT checkpoints_pk PRIMARY KEY,
    size   bigint NOT NULL,
    note   text NOT NULL
);

DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['tiles', 'nodes', 'checkpoints'] LOOP
        EXECUTE format('ALTER TABLE ledger.%I ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format('ALTER TABLE ledger.%I FORCE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'CREATE POLICY tenant ON ledger.%I'
            ' USING (ledger = (SELECT current_setting(''locus.ledger'', true)))', relation);
    END LOOP;
END
$$;
CREATE POLICY every_checkpoint ON ledger.checkpoints FOR SELECT TO locus_owner USING (true);
GRANT SELECT, INSERT ON ledger.tiles, ledger.nodes TO locus_appender;
GRANT SELECT ON ledger.tiles, ledger.nodes, ledger.checkpoints TO locus_reader;
GRANT SELECT ON ledger.checkpoints TO locus_appender;

CREATE OR REPLACE FUNCTION ledger.create_ledger(new_ledger text, new_origin text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM set_config('locus.ledger', new_ledger, true);
    INSERT INTO ledger.ledgers (ledger, origin, created, format) VALUES (new_ledger, new_origin, at, 1)
    ON CONFLICT ON CONSTRAINT ledgers_pk DO NOTHING;
    RETURN FOUND;
END
$$;

-- As before, and with the tiles that the group completes. Without the old one, programs that know nothing of tiles
-- cannot append.
DROP FUNCTION ledger.append;
CREATE FUNCTION ledger.append(
    to_ledger text, expected_last bigint, at timestamptz,
    versions bigint[], subjects text, types text, sources text, ids text,
    occurreds bigint[], latests bigint[], phases text, lines bytea[],
    mention_kinds text, mention_values text, mention_positions bigint[],
    new_root bytea, new_frontier bytea,
    node_levels smallint[], node_places bigint[], node_hashes bytea[]
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
    IF cardinality(node_levels) > 0 THEN
        INSERT INTO ledger.tiles (ledger, tile, hashes)
        SELECT to_ledger, n.place, (
            SELECT string_agg(sha256('\x00'::bytea || e.entry), '' ORDER BY e.position) FROM ledger.entries e
            WHERE e.ledger = to_ledger AND e.position > n.place * 256 AND e.position <= (n.place + 1) * 256)
        FROM unnest(node_levels, node_places) AS n (level, place) WHERE n.level = 1;
        INSERT INTO ledger.nodes (ledger, level, node, hash)
        SELECT to_ledger, n.level, n.place, n.hash
        FROM unnest(node_levels, node_places, node_hashes) AS n (level, place, hash);
    END IF;
    INSERT INTO ledger.commits (ledger, first, last, recorded, root, frontier)
    VALUES (to_ledger, expected_last + 1, expected_last + cardinality(lines), at, new_root, new_frontier);
    RETURN true;
END
$$;
COMMENT ON FUNCTION ledger.append IS 'Adds one group after expected_last, whole; false: the head has moved, judge again.';

-- As before; the head's row says the ledger's format in the place of a version.
CREATE OR REPLACE FUNCTION ledger.judge(of_ledger text, wanted_sources text[], wanted_ids text[], wanted_subjects text[])
RETURNS TABLE (
    what text, place bigint, "position" bigint, recorded timestamptz, version bigint, latest timestamptz,
    phase text, bytes bytea
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT 'head', 0::bigint, coalesce(c.last, 0), coalesce(c.recorded, l.created), l.format::bigint,
           NULL::timestamptz, '', coalesce(c.frontier, '')
    FROM ledger.ledgers l LEFT JOIN LATERAL (
        SELECT last, recorded, frontier FROM ledger.commits WHERE ledger = of_ledger ORDER BY last DESC LIMIT 1
    ) c ON true
    WHERE l.ledger = of_ledger;
    RETURN QUERY
    SELECT 'identity', w.n, e.position, e.recorded, e.version, NULL::timestamptz, '', e.entry
    FROM unnest(wanted_sources, wanted_ids) WITH ORDINALITY AS w (source, id, n)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.entries
        WHERE ledger = of_ledger AND (source, id) >= (w.source, w.id) ORDER BY source, id LIMIT 1
    ) e
    WHERE e.source = w.source AND e.id = w.id;
    RETURN QUERY
    SELECT 'subject', w.n, s.position, s.recorded, s.version, s.latest, s.phase, NULL::bytea
    FROM unnest(wanted_subjects) WITH ORDINALITY AS w (subject, n)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.entries e WHERE e.ledger = of_ledger AND e.subject = w.subject
        ORDER BY e.version DESC LIMIT 1
    ) s;
END
$$;

-- What a log shows of itself.
CREATE FUNCTION ledger.log(of_ledger text)
RETURNS TABLE (format smallint, origin text, last bigint, root bytea, note text) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT l.format, l.origin, coalesce(c.last, 0), coalesce(c.root, sha256('')), s.note
    FROM ledger.ledgers l
    LEFT JOIN LATERAL (
        SELECT last, root FROM ledger.commits WHERE ledger = of_ledger ORDER BY last DESC LIMIT 1
    ) c ON true
    LEFT JOIN ledger.checkpoints s ON s.ledger = of_ledger
    WHERE l.ledger = of_ledger;
END
$$;
COMMENT ON FUNCTION ledger.log IS 'The name, the head and the newest checkpoint of a log; no row: there is no such ledger.';

CREATE FUNCTION ledger.log_tiles(of_ledger text, levels integer[], tiles bigint[], widths integer[])
RETURNS TABLE (place bigint, hashes bytea) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT w.n, CASE WHEN w.level > 0 THEN (
        SELECT string_agg(o.hash, '' ORDER BY o.node) FROM ledger.nodes o
        WHERE o.ledger = of_ledger AND o.level = w.level
          AND o.node >= w.tile * 256 AND o.node < w.tile * 256 + w.width)
    ELSE coalesce(
        (SELECT substring(t.hashes FOR w.width * 32) FROM ledger.tiles t WHERE t.ledger = of_ledger AND t.tile = w.tile),
        (SELECT string_agg(sha256('\x00'::bytea || e.entry), '' ORDER BY e.position) FROM ledger.entries e
         WHERE e.ledger = of_ledger AND e.position > w.tile * 256 AND e.position <= w.tile * 256 + w.width))
    END
    FROM unnest(levels, tiles, widths) WITH ORDINALITY AS w (level, tile, width, n);
END
$$;
COMMENT ON FUNCTION ledger.log_tiles IS
    'The hashes of these tiles, each as wide as asked; shorter, or null: the ledger has not come so far.';

CREATE FUNCTION ledger.log_bundle(of_ledger text, tile bigint, width integer)
RETURNS TABLE (entries bigint, bundle bytea) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT count(*), string_agg(substring(int4send(octet_length(e.entry)) FROM 3) || e.entry, '' ORDER BY e.position)
    FROM ledger.entries e
    WHERE e.ledger = of_ledger AND e.position > tile * 256 AND e.position <= tile * 256 + width;
END
$$;
COMMENT ON FUNCTION ledger.log_bundle IS 'How many of these entries there are, and each after its length in two bytes.';

CREATE FUNCTION ledger.log_heads()
RETURNS TABLE (ledger text, last bigint, signed bigint)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
    SELECT l.ledger, coalesce(
               (SELECT c.last FROM ledger.commits c WHERE c.ledger = l.ledger ORDER BY c.last DESC LIMIT 1), 0),
           coalesce(s.size, -1)
    FROM ledger.ledgers l LEFT JOIN ledger.checkpoints s ON s.ledger = l.ledger
    WHERE l.format > 0 ORDER BY l.ledger;
END
$$;
COMMENT ON FUNCTION ledger.log_heads IS 'Every log with its last position and the size of its newest checkpoint, -1: none.';

CREATE FUNCTION ledger.lease(of_ledger text) RETURNS boolean LANGUAGE sql AS $$
    SELECT pg_try_advisory_lock(hashtextextended(of_ledger, 7003811943))
$$;
COMMENT ON FUNCTION ledger.lease IS 'Whether this session may sign for the ledger, until it ends; asked again, yes again.';

CREATE FUNCTION ledger.keep_checkpoint(of_ledger text, new_size bigint, new_note text) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    INSERT INTO ledger.checkpoints AS kept (ledger, size, note) VALUES (of_ledger, new_size, new_note)
    ON CONFLICT ON CONSTRAINT checkpoints_pk DO UPDATE SET size = new_size, note = new_note
    WHERE kept.size <= new_size;
    RETURN FOUND;
END
$$;
COMMENT ON FUNCTION ledger.keep_checkpoint IS 'Shows readers this note from now on; false: they have one of a larger tree.';

REVOKE ALL ON FUNCTION ledger.append, ledger.log, ledger.log_tiles, ledger.log_bundle, ledger.log_heads, ledger.lease,
    ledger.keep_checkpoint FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.append, ledger.log, ledger.log_tiles, ledger.log_heads, ledger.lease,
    ledger.keep_checkpoint TO locus_appender;
GRANT EXECUTE ON FUNCTION ledger.log, ledger.log_tiles, ledger.log_bundle TO locus_reader;
