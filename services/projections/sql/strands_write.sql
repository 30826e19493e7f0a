-- Strands as they are now.
INSERT INTO projections.strands SELECT * FROM unnest($1::projections.strands[])
