-- How far a fold from $3 goes: to the checkpoint $4, or before more than $5 acts became known.
SELECT coalesce(
    (SELECT greatest(known_from - 1, $3 + 1) FROM projections.acts
     WHERE ledger = $1 AND generation = $2 AND known_from > $3 AND known_from <= $4
     ORDER BY known_from OFFSET $5 LIMIT 1),
    $4::bigint)
