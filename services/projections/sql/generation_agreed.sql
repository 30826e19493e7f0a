-- Whether a generation may take over, and if not, how its rows differ from those that are served.
UPDATE projections.generations SET agreed = $3, difference = $4
WHERE ledger = $1 AND generation = $2 AND (agreed, difference) IS DISTINCT FROM ($3, $4)
