-- Messages that were refused for good, for 30 days, so that somebody can look at them and publish them again. What a
-- publisher sent is sealed before it comes here, each under a key of its own in the vault: letting it go deletes the key,
-- so that no copy of the row says anything once the vault's epoch has turned. In the clear are only names that stored
-- events have in the clear as well, and only where they have the form of such names.
CREATE TABLE ledger.rejected (
    ledger    text NOT NULL,
    id        text NOT NULL,         -- sorts by time
    at        timestamptz NOT NULL,
    expires   timestamptz NOT NULL,
    publisher text NOT NULL,
    slug      text NOT NULL,         -- of the problem that was the answer
    title     text NOT NULL,
    source    text,                  -- of the event, where there was one that could be read
    event_id  text,
    subject   text,
    actors    text[],                -- whom it names; null: nobody can tell
    sealed    bytea NOT NULL,
    CONSTRAINT rejected_pk PRIMARY KEY (ledger, id)
);
ALTER TABLE ledger.rejected ALTER COLUMN sealed SET STORAGE EXTERNAL;
CREATE INDEX rejected_publisher ON ledger.rejected (ledger, publisher, at);

ALTER TABLE ledger.rejected ENABLE ROW LEVEL SECURITY;
ALTER TABLE ledger.rejected FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON ledger.rejected USING (ledger = (SELECT current_setting('locus.ledger', true)));

-- No role that can log in touches the table: each of these functions does one thing to one ledger's rows, as the owner,
-- who is under the policy like everybody.
CREATE FUNCTION ledger.keep_rejected(
    of_ledger text, new_id text, new_at timestamptz, new_expires timestamptz, new_publisher text, new_slug text,
    new_title text, new_source text, new_event_id text, new_subject text, new_actors text[], new_sealed bytea,
    most integer, most_bytes bigint
) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    messages bigint;
    bytes bigint;
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    -- One at a time for each publisher, or a burst would all see the room that is left.
    PERFORM pg_advisory_xact_lock(hashtextextended('rejected ' || of_ledger || ' ' || new_publisher, 0));
    IF NOT EXISTS (SELECT FROM ledger.ledgers l WHERE l.ledger = of_ledger) THEN
        RETURN false;
    END IF;
    SELECT count(*), coalesce(sum(octet_length(r.sealed)), 0) INTO messages, bytes
    FROM ledger.rejected r
    WHERE r.ledger = of_ledger AND r.publisher = new_publisher AND r.at > new_at - interval '1 day';
    IF messages >= most OR bytes + octet_length(new_sealed) > most_bytes THEN
        RETURN false;
    END IF;
    INSERT INTO ledger.rejected
    VALUES (of_ledger, new_id, new_at, new_expires, new_publisher, new_slug, new_title, new_source, new_event_id,
            new_subject, new_actors, new_sealed);
    RETURN true;
END
$$;
COMMENT ON FUNCTION ledger.keep_rejected IS
    'Keep one; false: there is no such ledger, or its publisher has had as many or as much within a day.';

CREATE FUNCTION ledger.rejected_page(of_ledger text, before text, most integer)
RETURNS TABLE (id text, at timestamptz, expires timestamptz, publisher text, slug text, title text, source text,
               event_id text, subject text, bytes integer)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT r.id, r.at, r.expires, r.publisher, r.slug, r.title, r.source, r.event_id, r.subject, octet_length(r.sealed)
    FROM ledger.rejected r
    WHERE r.ledger = of_ledger AND (before IS NULL OR r.id < before)
    ORDER BY r.id DESC LIMIT most;
END
$$;
COMMENT ON FUNCTION ledger.rejected_page IS 'The last ones before an id, the newest first; without what they hold.';

CREATE FUNCTION ledger.rejected_one(of_ledger text, want_id text)
RETURNS TABLE (id text, at timestamptz, expires timestamptz, publisher text, slug text, title text, source text,
               event_id text, subject text, bytes integer, sealed bytea)
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT r.id, r.at, r.expires, r.publisher, r.slug, r.title, r.source, r.event_id, r.subject,
           octet_length(r.sealed), r.sealed
    FROM ledger.rejected r WHERE r.ledger = of_ledger AND r.id = want_id;
END
$$;
COMMENT ON FUNCTION ledger.rejected_one IS 'One message, sealed.';

CREATE FUNCTION ledger.rejected_about(of_ledger text, of_actor text) RETURNS SETOF text
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY SELECT r.id FROM ledger.rejected r
    WHERE r.ledger = of_ledger AND (r.actors IS NULL OR of_actor = ANY (r.actors));
END
$$;
COMMENT ON FUNCTION ledger.rejected_about IS
    'All that name this actor, and those of which nobody can tell whom they name.';

CREATE FUNCTION ledger.rejected_expired(now timestamptz) RETURNS TABLE (ledger text, ids text[])
LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
#variable_conflict use_column
DECLARE
    tenant text;
BEGIN
    FOR tenant IN SELECT h.ledger FROM ledger.heads() h LOOP
        PERFORM set_config('locus.ledger', tenant, true);
        RETURN QUERY SELECT tenant, array_agg(r.id) FROM ledger.rejected r
        WHERE r.ledger = tenant AND r.expires <= now HAVING count(*) > 0;
    END LOOP;
END
$$;
COMMENT ON FUNCTION ledger.rejected_expired IS 'Whatever has been kept long enough, in every ledger.';

CREATE FUNCTION ledger.drop_rejected(of_ledger text, gone text[]) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = ledger, pg_temp AS $$
DECLARE
    dropped bigint;
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    DELETE FROM ledger.rejected r WHERE r.ledger = of_ledger AND r.id = ANY (gone);
    GET DIAGNOSTICS dropped = ROW_COUNT;
    RETURN dropped;
END
$$;
COMMENT ON FUNCTION ledger.drop_rejected IS 'Let these go; how many there were.';

REVOKE ALL ON FUNCTION ledger.keep_rejected, ledger.rejected_page, ledger.rejected_one, ledger.rejected_about,
    ledger.rejected_expired, ledger.drop_rejected FROM PUBLIC;
GRANT EXECUTE ON FUNCTION ledger.keep_rejected, ledger.rejected_page, ledger.rejected_one, ledger.rejected_about,
    ledger.rejected_expired, ledger.drop_rejected TO locus_appender;
