-- A row before the first position would hide its subject's history, and be shown to its publisher as a receipt. What
-- stands there already is left for `locus verify` to name: an upgrade must not fail over it.
ALTER TABLE ledger.entries ADD CONSTRAINT entries_place CHECK (position > 0) NOT VALID;
