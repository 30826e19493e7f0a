-- What was applied to this database, for whoever has to know whether it can work on it.
SELECT * FROM access.migrated()
