-- The ledger that this session reads: without it, row-level security shows nothing.
SELECT set_config('locus.ledger', $1, false)
