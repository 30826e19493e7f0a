-- Where entries go on after a stretch without any.
SELECT min(position) FROM ledger.entries WHERE ledger = $1 AND position > $2
