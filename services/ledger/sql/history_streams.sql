-- Every entry of these subjects.
SELECT subject, "position", recorded, occurred, entry FROM ledger.streams($1, $2)
