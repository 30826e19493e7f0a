-- Publishers who come with a token of the organisation's own issuer (OIDC): who a subject of it is here, and what it
-- may do. And what a publisher may ask for at once, whichever token it comes with.
CREATE TABLE access.publishers (
    publisher  text CONSTRAINT publishers_pk PRIMARY KEY
        CONSTRAINT publishers_name CHECK (
            publisher <> '' AND publisher !~ '[[:cntrl:]]' AND publisher = btrim(publisher)
            AND octet_length(publisher) <= 200),
    issuer     text NOT NULL,
    subject    text NOT NULL,
    scopes     text[] NOT NULL
        CONSTRAINT publishers_scopes CHECK (scopes <@ ARRAY['publish', 'history', 'views', 'admin']),
    ledgers    text[] NOT NULL,  -- slugs, or '*'
    sources    text[] NOT NULL,  -- exact, or a prefix ending in '*'
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT publishers_subject UNIQUE (issuer, subject)
);

-- Null: what the process's settings say.
CREATE TABLE access.limits (
    publisher text CONSTRAINT limits_pk PRIMARY KEY,
    body      bigint CONSTRAINT limits_body CHECK (body > 0),            -- bytes
    rate      double precision CONSTRAINT limits_rate CHECK (rate > 0),  -- events a second
    burst     bigint CONSTRAINT limits_burst CHECK (burst > 0),          -- events at once
    in_flight integer CONSTRAINT limits_in_flight CHECK (in_flight > 0)  -- requests at once
);

DROP FUNCTION access.token(bytea);
CREATE FUNCTION access.token(of_hash bytea)
RETURNS TABLE (
    publisher text, scopes text[], ledgers text[], sources text[], expires_at timestamptz,
    body bigint, rate double precision, burst bigint, in_flight integer
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = access, pg_temp AS $$
    SELECT t.publisher, t.scopes, t.ledgers, t.sources, t.expires_at, l.body, l.rate, l.burst, l.in_flight
    FROM access.tokens t LEFT JOIN access.limits l ON l.publisher = t.publisher
    WHERE t.hash = of_hash AND t.expires_at > now()
$$;
COMMENT ON FUNCTION access.token IS 'What a token allows; expired ones are as unknown as those never made.';

CREATE FUNCTION access.publisher(of_issuer text, of_subject text)
RETURNS TABLE (
    publisher text, scopes text[], ledgers text[], sources text[],
    body bigint, rate double precision, burst bigint, in_flight integer
) LANGUAGE sql STABLE SECURITY DEFINER SET search_path = access, pg_temp AS $$
    SELECT p.publisher, p.scopes, p.ledgers, p.sources, l.body, l.rate, l.burst, l.in_flight
    FROM access.publishers p LEFT JOIN access.limits l ON l.publisher = p.publisher
    WHERE p.issuer = of_issuer AND p.subject = of_subject
$$;
COMMENT ON FUNCTION access.publisher IS 'Who a subject of an issuer is here; no row: nobody.';

GRANT EXECUTE ON FUNCTION access.token, access.publisher TO locus_reader, locus_projector;
