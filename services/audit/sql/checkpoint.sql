-- The newest signed head that the ledger shows, and the size that stands beside it; what is not there is told as
-- what cannot be, of the note no more than there may be and one character.
SELECT coalesce(size, -1) AS size, left(coalesce(note, ''), 1048577) AS note FROM ledger.checkpoints WHERE ledger = $1
