-- From now on this epoch wraps.
INSERT INTO vault.epochs (epoch, made, digest) VALUES ($1, $2, $3)
