-- As before, and by level.
DROP FUNCTION projections.chosen;
CREATE FUNCTION projections.chosen(
    a_ledger     text,
    a_generation integer,
    known        bigint,       -- as known at this position
    as_of        timestamptz,  -- what had occurred by then
    standing     boolean,      -- each decision once, in the window it was first made in; else every act in its own
    opens        timestamptz,
    closes       timestamptz,  -- half open
    bounds       timestamptz[],-- where windows begin, the first at `opens`
    scope        text,         -- a domain's subtree; '' for the whole ledger
    decider      text,         -- under the node lens, as a subject; null for any
    taking_part  text,         -- under the seat lens, as a subject; null for any
    at_stake     text,         -- 'none' for decisions without stakes; null for any
    recorded     boolean,      -- leave out what was inferred
    at_level     integer       -- where the largest part lay, the topmost of equals; null for anywhere
) RETURNS TABLE (
    bucket integer, place timestamptz, status text, outcome text, inferred boolean, scopes text[], stakes text,
    row_domain text, mandate text, vacant boolean,
    actual_node text[], actual_node_units bigint[], actual_seat text[], actual_seat_units bigint[],
    stated_node text[], stated_node_units bigint[], stated_seat text[], stated_seat_units bigint[],
    unresolved bigint, levels integer[], level_units bigint[], closeness bigint, closeness_units bigint
) LANGUAGE sql STABLE AS $$
    SELECT width_bucket(CASE WHEN standing THEN a."window" ELSE a.occurred END, bounds),
        CASE WHEN standing THEN a."window" ELSE a.occurred END, a.status, a.outcome, a.inferred, a.scopes, a.stakes,
        a.row_domain, a.mandate, a.vacant,
        a.actual_node, a.actual_node_units, a.actual_seat, a.actual_seat_units,
        a.stated_node, a.stated_node_units, a.stated_seat, a.stated_seat_units,
        a.unresolved, a.levels, a.level_units, a.closeness, a.closeness_units
    FROM projections.acts a
    WHERE a.ledger = a_ledger AND a.generation = a_generation
        AND a.known_from <= known AND a.known_to > known
        AND a.at_from <= as_of AND CASE WHEN standing THEN a.stands_to ELSE a.at_to END > as_of
        AND CASE WHEN standing THEN a."window" ELSE a.occurred END >= opens
        AND CASE WHEN standing THEN a."window" ELSE a.occurred END < closes
        AND (scope = '' OR scope = ANY (a.scopes))
        AND (decider IS NULL OR decider = ANY (a.actual_node))
        AND (taking_part IS NULL OR taking_part = ANY (a.actual_seat))
        AND (at_stake IS NULL OR at_stake = coalesce(a.stakes, 'none'))
        AND NOT (recorded AND a.inferred)
        AND (at_level IS NULL OR at_level = (
            SELECT level FROM unnest(a.levels, a.level_units) AS part (level, units) ORDER BY units DESC, level LIMIT 1))
$$;
REVOKE ALL ON FUNCTION projections.chosen FROM PUBLIC;
GRANT EXECUTE ON FUNCTION projections.chosen TO locus_projector;
