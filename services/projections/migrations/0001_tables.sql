-- What the worker keeps. A generation is one whole set of rows: a rebuild makes a new one beside the one that is
-- served, then takes its place. Rows are known over positions [known_from, known_to); 2⁶³ − 1 stands for "still".
-- Every key begins with the ledger, so that the tables can be distributed by it.

CREATE TABLE projections.generations (
    ledger        text NOT NULL,
    generation    integer NOT NULL,
    facts_version integer NOT NULL,
    serving       boolean NOT NULL,
    agreed        boolean NOT NULL DEFAULT false,  -- may take over: its rows are the same, or somebody has looked
    position      bigint NOT NULL,                 -- the checkpoint: every entry up to here is in the rows
    recorded      timestamptz,
    root          bytea NOT NULL,
    frontier      bytea NOT NULL,
    alarm         text,                            -- why work has stopped; null: it has not
    difference    text,                            -- how its rows differ from those that are served
    CONSTRAINT generations_pk PRIMARY KEY (ledger, generation),
    CONSTRAINT generations_root CHECK (octet_length(root) = 32 AND octet_length(frontier) % 32 = 0)
) WITH (fillfactor = 50);  -- the checkpoint is rewritten with every batch
CREATE UNIQUE INDEX generations_serving ON projections.generations (ledger) WHERE serving;

CREATE TABLE projections.leases (
    ledger     text NOT NULL,
    generation integer NOT NULL,
    holder     text NOT NULL,
    epoch      bigint NOT NULL,
    expires    timestamptz NOT NULL,
    CONSTRAINT leases_pk PRIMARY KEY (ledger, generation)
) WITH (fillfactor = 50);

-- Which entries a subject's facts come from: a late one refolds them all.
CREATE TABLE projections.streams (
    ledger     text NOT NULL,
    generation integer NOT NULL,
    subject    text NOT NULL,
    position   bigint NOT NULL,
    CONSTRAINT streams_pk PRIMARY KEY (ledger, generation, subject, position)
);

CREATE TABLE projections.facts (
    ledger     text NOT NULL,
    generation integer NOT NULL,
    subject    text NOT NULL,
    kind       text NOT NULL,
    position   bigint NOT NULL,  -- of the entry that states it
    key        text NOT NULL,    -- tells facts of one kind and entry apart
    structural boolean NOT NULL,
    valid_from timestamptz NOT NULL,
    valid_to   timestamptz NOT NULL,
    known_from bigint NOT NULL,
    known_to   bigint NOT NULL,
    body       bytea NOT NULL,   -- the fact, JSON
    CONSTRAINT facts_pk PRIMARY KEY (ledger, generation, subject, kind, position, key, known_from),
    CONSTRAINT facts_known CHECK (known_from < known_to)
);
CREATE INDEX facts_begun ON projections.facts (ledger, generation, known_from) WHERE structural;
CREATE INDEX facts_ended ON projections.facts (ledger, generation, known_to)
    WHERE structural AND known_to < 9223372036854775807;

-- Acts read against the structure of their own instant, over the spans of `at` and of positions in which the
-- reading is the same. A decision's word stands as of [at_from, stands_to), part of [at_from, at_to).
CREATE TABLE projections.acts (
    ledger            text NOT NULL,
    generation        integer NOT NULL,
    decision          text NOT NULL,
    position          bigint NOT NULL,
    at_from           timestamptz NOT NULL,
    at_to             timestamptz NOT NULL,
    stands_to         timestamptz NOT NULL,
    known_from        bigint NOT NULL,
    known_to          bigint NOT NULL,
    word              text NOT NULL,
    occurred          timestamptz NOT NULL,
    "window"          timestamptz NOT NULL,
    outcome           text NOT NULL,
    status            text NOT NULL,
    inferred          boolean NOT NULL,
    initiative        text,
    home              text NOT NULL,
    scopes            text[] NOT NULL,   -- '' (the ledger), then the named domains and their ancestors
    stakes            text,
    row_domain        text,
    row_position      bigint,
    mandate           text NOT NULL,
    vacant            boolean NOT NULL,
    actual_node       text[] NOT NULL,
    actual_node_units bigint[] NOT NULL,
    actual_seat       text[] NOT NULL,
    actual_seat_units bigint[] NOT NULL,
    stated_node       text[] NOT NULL,
    stated_node_units bigint[] NOT NULL,
    stated_seat       text[] NOT NULL,
    stated_seat_units bigint[] NOT NULL,
    unresolved        bigint NOT NULL,
    stated_unresolved bigint NOT NULL,
    levels            integer[] NOT NULL,
    level_units       bigint[] NOT NULL,
    closeness         bigint NOT NULL,
    closeness_units   bigint NOT NULL,
    CONSTRAINT acts_pk PRIMARY KEY (ledger, generation, decision, position, at_from, known_from),
    CONSTRAINT acts_spans CHECK (at_from < at_to AND stands_to BETWEEN at_from AND at_to),
    CONSTRAINT acts_known CHECK (known_from < known_to)
);
CREATE INDEX acts_occurred ON projections.acts (ledger, generation, occurred);
CREATE INDEX acts_window ON projections.acts (ledger, generation, "window");

CREATE TABLE projections.parked (
    ledger     text NOT NULL,
    generation integer NOT NULL,
    position   bigint NOT NULL,
    subject    text NOT NULL,
    error      text NOT NULL,
    parked     timestamptz NOT NULL DEFAULT now(),
    skipped    boolean NOT NULL DEFAULT false,  -- somebody has seen it and lets it be
    CONSTRAINT parked_pk PRIMARY KEY (ledger, generation, position)
);

-- A frontier every 256 entries, so that the root at any position is a short read away.
CREATE TABLE projections.roots (
    ledger   text NOT NULL,
    position bigint NOT NULL,
    recorded timestamptz NOT NULL,
    frontier bytea NOT NULL,
    CONSTRAINT roots_pk PRIMARY KEY (ledger, position)
);
CREATE INDEX roots_recorded ON projections.roots (ledger, recorded);
