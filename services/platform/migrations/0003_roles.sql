-- Every role has the least that its process needs:
--   locus_owner      owns everything and cannot log in; migrations and `locus token` work as it
--   locus_appender   the ledger's intake: adds entries, commits, mentions
--   locus_relay      the relay: reads the feed and the heads
--   locus_reader     the ledger's history, and who may call
--   locus_projector  the worker and the views: its own rows, the feed, the heads, and who may call
--   locus_auditor    an auditor's own login: entries and commits, and the record of accesses; writes nothing
--   locus_vault      the vault of keys of persons
-- A login that is given one of them can take no other.

-- A function is for those it is granted to, from here on without anybody having to say so.
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;
REVOKE ALL ON ALL TABLES IN SCHEMA access FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA access FROM PUBLIC;

-- Whoever holds a token can ask what it allows; nobody can see which there are.
REVOKE ALL ON access.tokens FROM locus_appender, locus_reader, locus_projector;
CREATE FUNCTION access.token(of_hash bytea)
RETURNS TABLE (publisher text, scopes text[], ledgers text[], sources text[], expires_at timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = access, pg_temp AS $$
    SELECT t.publisher, t.scopes, t.ledgers, t.sources, t.expires_at
    FROM access.tokens t WHERE t.hash = of_hash AND t.expires_at > now()
$$;
COMMENT ON FUNCTION access.token IS 'What a token allows; expired ones are as unknown as those never made.';
GRANT EXECUTE ON FUNCTION access.token TO locus_reader, locus_projector;

-- The intake looks nobody up and notes nothing itself: its process does so as locus_reader.
REVOKE ALL ON FUNCTION access.note FROM locus_appender;
REVOKE USAGE ON SCHEMA access FROM locus_appender;
