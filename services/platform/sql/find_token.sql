-- What a token allows; expired ones are as unknown as those never made.
SELECT publisher, scopes, ledgers, sources, expires_at, body, rate, burst, in_flight FROM access.token($1)
