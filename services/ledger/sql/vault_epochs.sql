-- The epochs that are not known to be destroyed, in order.
SELECT epoch FROM vault.epochs WHERE destroyed IS NULL ORDER BY epoch
