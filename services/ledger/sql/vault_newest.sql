-- The epoch that wraps now.
SELECT max(epoch) FROM vault.epochs
