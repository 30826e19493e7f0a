-- Publishers by subject of an issuer, and those with limits of their own.
SELECT publisher, p.issuer, p.subject, p.scopes, p.ledgers, p.sources, l.body, l.rate, l.burst, l.in_flight
FROM access.publishers p FULL JOIN access.limits l USING (publisher) ORDER BY publisher
