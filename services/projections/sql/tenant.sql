-- Whose rows are seen and written until the transaction ends.
SELECT set_config('locus.ledger', $1, true)
