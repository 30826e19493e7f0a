-- Whose rows are read until the transaction ends. It holds no lock, so working out an answer in it may take long.
SELECT set_config('locus.ledger', $1, true), set_config('idle_in_transaction_session_timeout', '0', true)
