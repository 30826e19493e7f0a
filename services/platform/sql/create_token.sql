-- Store a token's hash with what it allows.
INSERT INTO access.tokens (hash, publisher, scopes, ledgers, sources, expires_at) VALUES ($1, $2, $3, $4, $5, $6)
