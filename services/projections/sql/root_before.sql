-- The last kept position recorded by an instant: where to begin looking for the last entry by then.
SELECT max(position) FROM projections.roots WHERE ledger = $1 AND recorded <= $2
