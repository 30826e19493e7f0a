-- Aggregates of the acts known now, so that a question takes as long however many decisions there are. A cell holds
-- what a day, month or year of one scope comes to, as of the end of time; all in integers, so that what becomes known
-- and what ceases to be can be added and subtracted exactly. Cells follow behind the rows: `folded` says up to which
-- position, and a reader adds what has changed since from the acts themselves.
CREATE TABLE projections.cells (
    ledger     text NOT NULL,
    generation integer NOT NULL,
    scope      text NOT NULL,   -- '' (the ledger), 'domain/…' with its subtree, 'body/…' that decided (node lens)
    tense      text NOT NULL,   -- 'made'; 'shift', what the standing tense adds to that
    grain      text NOT NULL,   -- 'day' (of the whole ledger only), 'month', 'year'; UTC
    period     date NOT NULL,   -- its first day
    counts     bigint[] NOT NULL, -- in the order of COUNTS in cells.py
    shares     bytea NOT NULL,  -- MessagePack, see cells.py: whose the decisions were, under either lens, and by depth
    drift_node bytea NOT NULL,  -- both sides by the row's domain, under the node lens
    drift_seat bytea NOT NULL,  -- the same under the seat lens
    CONSTRAINT cells_pk PRIMARY KEY (ledger, generation, scope, tense, grain, period)
);

CREATE TABLE projections.folded (
    ledger     text NOT NULL,
    generation integer NOT NULL,
    position   bigint NOT NULL,
    CONSTRAINT folded_pk PRIMARY KEY (ledger, generation)
) WITH (fillfactor = 50);

-- What changed after a position; and, of what is known now, the few acts that read or stand otherwise as of some
-- instant than they do in the end.
CREATE INDEX acts_begun ON projections.acts (ledger, generation, known_from);
CREATE INDEX acts_ended ON projections.acts (ledger, generation, known_to) WHERE known_to < 9223372036854775807;
CREATE INDEX acts_bent ON projections.acts (ledger, generation, "window")
    WHERE known_to = 9223372036854775807
        AND (stands_to < '9999-12-31 00:00:00+00' OR at_from > "window");

DO $$
DECLARE
    relation text;
BEGIN
    FOREACH relation IN ARRAY ARRAY['cells', 'folded'] LOOP
        EXECUTE format('ALTER TABLE projections.%I ENABLE ROW LEVEL SECURITY', relation);
        EXECUTE format('ALTER TABLE projections.%I FORCE ROW LEVEL SECURITY', relation);
        EXECUTE format(
            'CREATE POLICY tenant ON projections.%I USING (ledger = current_setting(''locus.ledger'', true))',
            relation);
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON projections.%I TO locus_projector', relation);
    END LOOP;
END
$$;
