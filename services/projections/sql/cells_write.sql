-- Cells as they are now.
INSERT INTO projections.cells SELECT * FROM unnest($1::projections.cells[])
ON CONFLICT ON CONSTRAINT cells_pk DO UPDATE
SET counts = excluded.counts, shares = excluded.shares, drift_node = excluded.drift_node, drift_seat = excluded.drift_seat
