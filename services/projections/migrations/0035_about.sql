-- What an entry is about, where that is another subject (advice about a decision, a decision of an initiative, a
-- debrief, a lesson): the dossier of that subject finds it. Set when the row is written; see sql/facts_known.sql.
ALTER TABLE projections.facts ADD COLUMN about text;
CREATE INDEX facts_about ON projections.facts (ledger, generation, about) WHERE about IS NOT NULL;
