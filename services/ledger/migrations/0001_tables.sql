-- The ledger's tables. Rows are only ever added: what is recorded is never edited, so no role that can log in may
-- UPDATE, DELETE or TRUNCATE them (0003). Every key begins with the ledger, so that the tables can be distributed by
-- it. There are no foreign keys: checking one locks the referenced row at every append.

CREATE TABLE ledger.ledgers (
    ledger  text CONSTRAINT ledgers_pk PRIMARY KEY,
    origin  text NOT NULL,  -- the log's name in checkpoints, fixed here, never its URL
    created timestamptz NOT NULL,
    CONSTRAINT ledgers_slug CHECK (ledger ~ '^[a-z][a-z0-9-]{1,62}$')
);

-- The last row is the head. Insert-only: a head row that is updated collapses under any open snapshot.
CREATE TABLE ledger.commits (
    ledger   text NOT NULL,
    first    bigint NOT NULL,
    last     bigint NOT NULL,
    recorded timestamptz NOT NULL,
    root     bytea NOT NULL,
    frontier bytea NOT NULL,  -- of the tree of `last` leaves: 32 bytes for each bit set in `last`
    CONSTRAINT commits_pk PRIMARY KEY (ledger, last),
    CONSTRAINT commits_recorded UNIQUE (ledger, recorded),
    CONSTRAINT commits_some CHECK (first BETWEEN 1 AND last),
    CONSTRAINT commits_root CHECK (octet_length(root) = 32 AND octet_length(frontier) % 32 = 0)
);

-- `phase` and `latest` are the state of the subject after this entry (lifecycle.py): the subject's last row tells
-- them without a read of its stream.
CREATE TABLE ledger.entries (
    ledger   text NOT NULL,
    position bigint NOT NULL,
    recorded timestamptz NOT NULL,
    occurred timestamptz NOT NULL,  -- the earlier of the event's time and recorded
    version  bigint NOT NULL,
    latest   timestamptz,           -- when the last step of the subject's life occurred; none yet: null
    subject  text NOT NULL,
    type     text NOT NULL,
    source   text NOT NULL,
    id       text NOT NULL,
    phase    text NOT NULL,
    entry    bytea NOT NULL,        -- the stored line, the leaf of the tree; jsonb would re-order it
    CONSTRAINT entries_pk PRIMARY KEY (ledger, position),
    CONSTRAINT entries_identity UNIQUE (ledger, source, id),
    CONSTRAINT entries_subject_version UNIQUE (ledger, subject, version),
    CONSTRAINT entries_size CHECK (octet_length(entry) <= 65535)
);
-- An entry of a few kilobytes is served verbatim far more often than it is stored: uncompressed, in line if it fits.
ALTER TABLE ledger.entries ALTER COLUMN entry SET STORAGE EXTERNAL;

-- Who and which domain an entry names. Rows rather than an array: row-level security disables indexes for operators
-- that are not leakproof, and `@>` is not.
CREATE TABLE ledger.mentions (
    ledger   text NOT NULL,
    kind     text NOT NULL,
    value    text NOT NULL,
    position bigint NOT NULL,
    CONSTRAINT mentions_pk PRIMARY KEY (ledger, kind, value, position)
);

-- The filters of the history, each in the order of positions. A subject's come by version, which is the same order.
CREATE INDEX entries_type ON ledger.entries (ledger, type, position);
CREATE INDEX entries_source ON ledger.entries (ledger, source, position);
CREATE INDEX entries_occurred ON ledger.entries (ledger, occurred, position);
