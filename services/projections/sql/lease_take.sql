-- Take a lease that nobody holds, that has expired, or that is this holder's own; each taking begins an epoch.
INSERT INTO projections.leases AS lease (ledger, generation, holder, epoch, expires)
VALUES ($1, $2, $3, 1, clock_timestamp() + $4)
ON CONFLICT ON CONSTRAINT leases_pk DO UPDATE
SET holder = excluded.holder, epoch = lease.epoch + 1, expires = excluded.expires
WHERE lease.expires < clock_timestamp() OR lease.holder = excluded.holder
RETURNING epoch
