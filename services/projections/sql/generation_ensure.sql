-- A generation of this version, if there is none of it or a later one: served at once if it is the first of all.
INSERT INTO projections.generations (ledger, generation, facts_version, serving, position, root, frontier)
SELECT $1, coalesce(max(generation), 0) + 1, $2, count(*) = 0, 0, $3, ''
FROM projections.generations WHERE ledger = $1
HAVING count(*) FILTER (WHERE facts_version >= $2) = 0
ON CONFLICT DO NOTHING
