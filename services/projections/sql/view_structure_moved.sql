-- What became known and what ceased to be known between two positions; what did both in between is left out.
SELECT true AS known, kind, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND structural
    AND known_from > $3 AND known_from <= $4 AND known_to > $4
UNION ALL
SELECT false, kind, body FROM projections.facts
WHERE ledger = $1 AND generation = $2 AND structural
    AND known_to > $3 AND known_to <= $4 AND known_to < 9223372036854775807 AND known_from <= $3
