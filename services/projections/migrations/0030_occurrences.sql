-- Views read what occurred by its kind, up to an instant.
CREATE INDEX facts_occurred ON projections.facts (ledger, generation, kind, valid_from) WHERE NOT structural;
