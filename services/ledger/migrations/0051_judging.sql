-- Each identity is one step down its own index, whatever the planner believes: on a table not analysed since it was
-- small, a join took the index of sources and read everything the publisher had ever sent. Only the unique index
-- gives this order.
CREATE OR REPLACE FUNCTION ledger.judge(of_ledger text, wanted_sources text[], wanted_ids text[], wanted_subjects text[])
RETURNS TABLE (
    what text, place bigint, "position" bigint, recorded timestamptz, version bigint, latest timestamptz,
    phase text, bytes bytea
) LANGUAGE plpgsql STABLE AS $$
#variable_conflict use_column
BEGIN
    PERFORM set_config('locus.ledger', of_ledger, true);
    RETURN QUERY
    SELECT 'head', 0::bigint, coalesce(c.last, 0), coalesce(c.recorded, l.created), 0::bigint,
           NULL::timestamptz, '', coalesce(c.frontier, '')
    FROM ledger.ledgers l LEFT JOIN LATERAL (
        SELECT last, recorded, frontier FROM ledger.commits WHERE ledger = of_ledger ORDER BY last DESC LIMIT 1
    ) c ON true
    WHERE l.ledger = of_ledger;
    RETURN QUERY
    SELECT 'identity', w.n, e.position, e.recorded, e.version, NULL::timestamptz, '', e.entry
    FROM unnest(wanted_sources, wanted_ids) WITH ORDINALITY AS w (source, id, n)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.entries
        WHERE ledger = of_ledger AND (source, id) >= (w.source, w.id) ORDER BY source, id LIMIT 1
    ) e
    WHERE e.source = w.source AND e.id = w.id;
    RETURN QUERY
    SELECT 'subject', w.n, s.position, s.recorded, s.version, s.latest, s.phase, NULL::bytea
    FROM unnest(wanted_subjects) WITH ORDINALITY AS w (subject, n)
    CROSS JOIN LATERAL (
        SELECT * FROM ledger.entries e WHERE e.ledger = of_ledger AND e.subject = w.subject
        ORDER BY e.version DESC LIMIT 1
    ) s;
END
$$;
