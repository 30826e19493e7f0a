-- Who a subject of an issuer is here.
SELECT publisher, scopes, ledgers, sources, body, rate, burst, in_flight FROM access.publisher($1, $2)
