-- Strands: what belongs together, an initiative with its decisions, what was asked about them and what was learnt from
-- them. One tells from when to when anything occurred in it and which domains it names, so that a question about a
-- window and a domain reads those strands alone. They only narrow what is read, and follow behind the rows as cells do:
-- a strand may reach further than what is known (of whatever was ever known), never less far.
CREATE TABLE projections.strands (
    ledger     text NOT NULL,
    generation integer NOT NULL,
    strand     text NOT NULL,          -- the first of its subjects
    subjects   text[] NOT NULL,        -- decisions, initiatives and consultations
    domains    text[],                 -- that any of them named; null: it may be about anything
    titles     text[] NOT NULL,        -- that any of them bore, as `same` writes them
    opens      timestamptz NOT NULL,   -- when anything first occurred
    closes     timestamptz NOT NULL,   -- when anything last occurred; the end of time while something is not settled
    known_from bigint NOT NULL,        -- the position it was first heard of
    changed    bigint NOT NULL,        -- the last position that changed anything about it
    CONSTRAINT strands_pk PRIMARY KEY (ledger, generation, strand)
);
CREATE INDEX strands_closes ON projections.strands (ledger, generation, closes);
CREATE INDEX strands_changed ON projections.strands (ledger, generation, changed);

ALTER TABLE projections.folded ADD COLUMN strands bigint NOT NULL DEFAULT 0;

-- What occurred, by the position that told it or took it back.
CREATE INDEX facts_told ON projections.facts (ledger, generation, known_from) WHERE NOT structural;
CREATE INDEX facts_untold ON projections.facts (ledger, generation, known_to)
    WHERE NOT structural AND known_to < 9223372036854775807;

ALTER TABLE projections.strands ENABLE ROW LEVEL SECURITY;
ALTER TABLE projections.strands FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant ON projections.strands USING (ledger = current_setting('locus.ledger', true));
REVOKE ALL ON projections.strands FROM PUBLIC;
GRANT SELECT, INSERT, UPDATE, DELETE ON projections.strands TO locus_projector;
