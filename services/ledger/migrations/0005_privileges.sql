-- The application may add and look, nothing else. UPDATE, DELETE and TRUNCATE are granted to nobody; the owner cannot
-- log in.
REVOKE ALL ON ALL FUNCTIONS IN SCHEMA ledger FROM PUBLIC;
GRANT USAGE ON SCHEMA ledger TO locus_appender, locus_reader, locus_projector;

GRANT SELECT, INSERT ON ledger.ledgers, ledger.commits, ledger.entries, ledger.mentions TO locus_appender;
GRANT EXECUTE ON FUNCTION ledger.instant, ledger.parted, ledger.create_ledger, ledger.lock, ledger.append, ledger.judge,
    ledger.streams
    TO locus_appender;

GRANT SELECT ON ledger.ledgers, ledger.commits, ledger.entries, ledger.mentions TO locus_reader;
GRANT EXECUTE ON FUNCTION ledger.feed, ledger.heads TO locus_reader, locus_projector;
