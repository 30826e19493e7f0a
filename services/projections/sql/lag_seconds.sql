-- How long the first entry after a position has been waiting to be read.
SELECT extract(epoch FROM clock_timestamp() - recorded)::float8 FROM ledger.feed($1, $2, 1)
