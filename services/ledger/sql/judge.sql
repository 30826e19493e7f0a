-- What a group needs to know: the head, which of its identities are stored, and where its subjects stand.
SELECT what, place, "position", recorded, version, latest, phase, bytes FROM ledger.judge($1, $2, $3, $4)
