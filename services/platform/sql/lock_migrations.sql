-- One migration run at a time in this database; the session's end releases it.
SELECT pg_advisory_lock($1)
