-- Which file is this epoch's key.
UPDATE vault.epochs SET digest = $2 WHERE epoch = $1
