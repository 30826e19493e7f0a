-- Who may call: tokens are kept as hashes only, and end by themselves.
CREATE TABLE access.tokens (
    hash bytea CONSTRAINT tokens_hash PRIMARY KEY CONSTRAINT tokens_sha256 CHECK (length(hash) = 32),
    publisher text NOT NULL CONSTRAINT tokens_publisher CHECK (publisher <> ''),
    scopes text[] NOT NULL
        CONSTRAINT tokens_scopes CHECK (scopes <@ ARRAY['publish', 'history', 'views', 'admin']),
    ledgers text[] NOT NULL,  -- slugs, or '*'
    sources text[] NOT NULL,  -- exact, or a prefix ending in '*'
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL
);
GRANT USAGE ON SCHEMA access TO locus_appender, locus_reader, locus_projector;
GRANT SELECT ON access.tokens TO locus_appender, locus_reader, locus_projector;
