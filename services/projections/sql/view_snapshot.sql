-- Whose rows are read until the transaction ends. It holds no lock, so working out an answer in it may take long.
-- Sums have few groups, which the planner cannot know: to sort all that is summed takes twice as long as to hash it.
SELECT set_config('locus.ledger', $1, true), set_config('idle_in_transaction_session_timeout', '0', true),
    set_config('enable_sort', 'off', true)
