-- A subject of an issuer becomes a publisher; the same name again is set anew.
INSERT INTO access.publishers (publisher, issuer, subject, scopes, ledgers, sources) VALUES ($1, $2, $3, $4, $5, $6)
ON CONFLICT ON CONSTRAINT publishers_pk DO UPDATE SET issuer = excluded.issuer, subject = excluded.subject,
    scopes = excluded.scopes, ledgers = excluded.ledgers, sources = excluded.sources
