-- How far a fold from $3 goes: to the checkpoint $4, or before more than $5 acts became known or ceased to be.
SELECT coalesce(
    (SELECT greatest(position - 1, $3 + 1) FROM (
        SELECT known_from AS position FROM projections.acts
        WHERE ledger = $1 AND generation = $2 AND known_from > $3 AND known_from <= $4
        UNION ALL
        SELECT known_to FROM projections.acts
        WHERE ledger = $1 AND generation = $2 AND known_to > $3 AND known_to <= $4
            AND known_to < 9223372036854775807
     ) AS moved ORDER BY position OFFSET $5 LIMIT 1),
    $4::bigint)
