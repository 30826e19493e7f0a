-- From now on this epoch wraps.
INSERT INTO vault.epochs (epoch, made) VALUES ($1, $2)
