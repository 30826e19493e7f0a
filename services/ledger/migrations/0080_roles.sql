-- What the relay and an auditor may see of the ledger; and nothing for PUBLIC.
--
-- What row-level security protects against, and what not. Every statement sees the rows of the one ledger that the
-- setting `locus.ledger` names, and none if it names none: so a statement that forgets its tenant, joins without it, or
-- runs on a connection that another request used, finds nothing of anybody else's. The functions set it for their
-- own transaction only; no session keeps it. It does not protect against a process that was taken over: whoever can
-- run any SQL as a login role can set `locus.ledger` to any name, one ledger a statement, and read what the role may
-- read of it. Which ledgers a caller may touch is judged before, by its token. Nor does it bind superusers, who can
-- edit a table; that, a checkpoint kept elsewhere shows.
GRANT USAGE ON SCHEMA ledger TO locus_relay, locus_auditor;
GRANT EXECUTE ON FUNCTION ledger.feed, ledger.heads TO locus_relay;

GRANT SELECT ON ledger.ledgers, ledger.commits, ledger.entries TO locus_auditor;
GRANT EXECUTE ON FUNCTION ledger.heads TO locus_auditor;

REVOKE ALL ON ALL TABLES IN SCHEMA ledger FROM PUBLIC;
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
