-- Where a subject stands.
SELECT version, phase, "position" FROM ledger.subject($1, $2)
