-- The subjects of the strands that may have a part in a question: known at $3, about one of the domains $6 (null: all),
-- and begun by $4 and not over before $5, or of one of the subjects $8; and of those that bear one of the titles $7,
-- whatever else they are. What changed after $3 may not have been settled then.
SELECT DISTINCT unnest(subjects) AS subject FROM projections.strands
WHERE ledger = $1 AND generation = $2 AND known_from <= $3
    AND (($6::text[] IS NULL OR domains IS NULL OR domains && $6)
            AND (opens <= $4 AND (closes >= $5 OR changed > $3)
                OR $8::text[] <> '{}' AND EXISTS (SELECT FROM unnest(subjects) AS subject WHERE subject = ANY ($8)))
        OR $7::text[] <> '{}' AND EXISTS (SELECT FROM unnest(titles) AS title WHERE title = ANY ($7)))
