-- Acts as they read as of an instant, as known at a position: all, or those of some decisions. Found first, then put in
-- order: in the order of an index that has it, all acts would be gone through for a few.
WITH found AS MATERIALIZED (
    SELECT * FROM projections.acts
    WHERE ledger = $1 AND generation = $2 AND known_from <= $3 AND known_to > $3
        AND at_from <= $4 AND at_to > $4 AND ($5::text[] IS NULL OR decision = ANY ($5::text[]))
)
SELECT * FROM found ORDER BY occurred, position
