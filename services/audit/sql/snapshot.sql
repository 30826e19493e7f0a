-- The moment that this session sees, for other sessions to see the same.
SELECT pg_export_snapshot()
