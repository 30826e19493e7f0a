-- The frontier kept at a position.
SELECT frontier FROM projections.roots WHERE ledger = $1 AND position = $2
