-- Every token that still works, without anything that could be used as one: its id begins its hash.
SELECT left(encode(hash, 'hex'), 12) AS id, publisher, scopes, ledgers, sources, created_at, expires_at
FROM access.tokens WHERE expires_at > now() ORDER BY publisher, created_at
