-- Who was refused, and who read personal data: only ever added, through a function. Rows of every ledger are in one
-- table, so its policy lets nobody see a row but the owner, as whom the two functions run.
CREATE TABLE access.accesses (
    id        bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT accesses_pk PRIMARY KEY,
    at        timestamptz NOT NULL,  -- of several that were the same: the first
    publisher text,                  -- null: nobody we know
    action    text NOT NULL,         -- what was asked for, such as read_directory or publish
    ledger    text,                  -- as it was asked for; there need not be one of that name
    object    text,                  -- what of it: an actor, a source, an address
    outcome   text NOT NULL,         -- such as read, forbidden, unauthenticated, foreign-source
    times     integer NOT NULL CONSTRAINT accesses_times CHECK (times > 0)
);
ALTER TABLE access.accesses ENABLE ROW LEVEL SECURITY;
ALTER TABLE access.accesses FORCE ROW LEVEL SECURITY;
CREATE POLICY keeper ON access.accesses TO locus_owner USING (true);
CREATE INDEX accesses_ledger ON access.accesses (ledger, id);
CREATE INDEX accesses_publisher ON access.accesses (publisher, id);

-- One writer at a time, so that ids become visible in their order and a reader's cursor passes none over.
CREATE FUNCTION access.note(
    ats timestamptz[], publishers text[], actions text[], ledgers text[], objects text[], outcomes text[],
    counts integer[]
) RETURNS void LANGUAGE plpgsql SECURITY DEFINER SET search_path = access, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(7003811942016);
    INSERT INTO access.accesses (at, publisher, action, ledger, object, outcome, times)
    SELECT a.at, a.publisher, a.action, a.ledger, a.object, a.outcome, a.times
    FROM unnest(ats, publishers, actions, ledgers, objects, outcomes, counts)
        WITH ORDINALITY AS a (at, publisher, action, ledger, object, outcome, times, n)
    ORDER BY a.n;
END
$$;
COMMENT ON FUNCTION access.note IS 'Adds accesses to the record of them.';

CREATE FUNCTION access.noted(after bigint, most integer, of_ledgers text[], of_publisher text)
RETURNS TABLE (
    id bigint, at timestamptz, publisher text, action text, ledger text, object text, outcome text, times integer
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = access, pg_temp AS $$
    SELECT a.id, a.at, a.publisher, a.action, a.ledger, a.object, a.outcome, a.times
    FROM access.accesses a
    WHERE a.id > after
      AND (of_ledgers IS NULL OR a.ledger = ANY (of_ledgers))
      AND (of_publisher IS NULL OR a.publisher = of_publisher)
    ORDER BY a.id LIMIT most
$$;
COMMENT ON FUNCTION access.noted IS 'The accesses after an id, in order; null: of every ledger, of every publisher.';

REVOKE ALL ON FUNCTION access.note, access.noted FROM PUBLIC;
GRANT USAGE ON SCHEMA access TO locus_auditor;
GRANT EXECUTE ON FUNCTION access.note TO locus_appender, locus_reader, locus_projector;
GRANT EXECUTE ON FUNCTION access.noted TO locus_reader, locus_auditor;
