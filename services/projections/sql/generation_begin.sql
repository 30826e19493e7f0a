-- A new generation beside those there are.
INSERT INTO projections.generations (ledger, generation, facts_version, serving, position, root, frontier)
SELECT $1, coalesce(max(generation), 0) + 1, $2, count(*) = 0, 0, $3, ''
FROM projections.generations WHERE ledger = $1
RETURNING generation
