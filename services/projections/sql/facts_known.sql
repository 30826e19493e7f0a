-- Facts that became known. Row-level security refuses COPY; an array of rows is the next best.
INSERT INTO projections.facts SELECT * FROM unnest($1::projections.facts[])
