-- The few acts that read or stand otherwise as of some instant than they do in the end, by when they cease to and by
-- when they begin to: as of one instant, few of the others are met. One index a tense. The old one goes last:
-- readers are shut out only from there on.
CREATE INDEX acts_bent_made ON projections.acts (ledger, generation, at_to, at_from, occurred)
    WHERE known_to = 9223372036854775807
        AND (at_to < '9999-12-31 00:00:00+00' OR at_from > occurred);
CREATE INDEX acts_bent_standing ON projections.acts (ledger, generation, stands_to, at_from, "window")
    WHERE known_to = 9223372036854775807
        AND (stands_to < '9999-12-31 00:00:00+00' OR at_from > "window");
DROP INDEX projections.acts_bent;

COMMENT ON COLUMN projections.cells.grain IS
    'month, year; of the whole ledger also day, third (of a month, from the 1st, 11th and 21st) and quarter';
