-- Rows where a ledger can have none: before its first position, behind the last that there may be ($2), nowhere.
SELECT 'entries' AS relation, 'order' AS kind, count(*) AS rows, 'position ' || coalesce(min(position)::text, 'NULL') AS place
FROM ledger.entries WHERE ledger = $1 AND (position < 1 OR position > $2 OR position IS NULL)
UNION ALL
SELECT 'commits', 'commit', count(*), 'last ' || coalesce(min(last)::text, 'NULL')
FROM ledger.commits WHERE ledger = $1 AND (last < 1 OR last > $2 OR last IS NULL)
UNION ALL
SELECT 'tiles', 'tile', count(*), 'tile ' || coalesce(min(tile)::text, 'NULL')
FROM ledger.tiles WHERE ledger = $1 AND (tile BETWEEN 0 AND $2::bigint >> 8) IS NOT TRUE
UNION ALL
SELECT 'nodes', 'tile', count(*), min(format('level %s, node %s', coalesce(level::text, 'NULL'), coalesce(node::text, 'NULL')))
FROM ledger.nodes WHERE ledger = $1 AND (level BETWEEN 1 AND 7 AND node BETWEEN 0 AND $2::bigint >> 8 * level) IS NOT TRUE
