-- Whether the server has our database.
SELECT EXISTS (SELECT FROM pg_database WHERE datname = 'locus')
