-- Holds all other writers of the ledger until this transaction ends, which the server does if we fall silent.
SELECT ledger.lock($1), set_config('idle_in_transaction_session_timeout', $2, true)
