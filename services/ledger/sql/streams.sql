-- Every entry of these subjects, for events that lie in their past.
SELECT subject, "position", recorded, occurred, entry FROM ledger.streams($1, $2)
