-- Every token that still works, without anything that could be used as one.
SELECT publisher, scopes, ledgers, sources, created_at, expires_at
FROM access.tokens WHERE expires_at > now() ORDER BY publisher, created_at
