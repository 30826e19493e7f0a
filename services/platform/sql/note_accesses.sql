-- Add accesses to the record of them: columns as arrays, one round trip.
SELECT access.note($1, $2, $3, $4, $5, $6, $7)
