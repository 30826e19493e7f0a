-- What a publisher may ask for at once; null: what the process's settings say.
INSERT INTO access.limits (publisher, body, rate, burst, in_flight) VALUES ($1, $2, $3, $4, $5)
ON CONFLICT ON CONSTRAINT limits_pk DO UPDATE SET body = excluded.body, rate = excluded.rate, burst = excluded.burst,
    in_flight = excluded.in_flight
