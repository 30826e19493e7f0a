-- The epochs that are not known to be destroyed, in order, and which file is the key of each, where that was noted.
SELECT epoch, digest FROM vault.epochs WHERE destroyed IS NULL ORDER BY epoch
