-- Acts as they were ever known, up to a position, to read as of whatever instant: all, or those of some decisions. See
-- view_acts.sql.
WITH found AS MATERIALIZED (
    SELECT * FROM projections.acts
    WHERE ledger = $1 AND generation = $2 AND known_from <= $3 AND ($4::text[] IS NULL OR decision = ANY ($4::text[]))
)
SELECT * FROM found ORDER BY occurred, position, at_from, known_from
