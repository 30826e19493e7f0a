-- Whose rows are read until the transaction ends. It holds no lock, so working out an answer in it may take long.
-- Sums have few groups, which the planner cannot know: to sort all that is summed takes twice as long as to hash it.
-- Others ask at the same time: to start processes for one of them takes longer than most questions do.
BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY;
SELECT set_config('locus.ledger', $1, true), set_config('idle_in_transaction_session_timeout', '0', true),
    set_config('enable_sort', 'off', true), set_config('max_parallel_workers_per_gather', '0', true)
