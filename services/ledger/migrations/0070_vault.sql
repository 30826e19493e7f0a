-- The vault: keys of persons, wrapped by keys that are in no database. It may be on a server of its own, to which the
-- same migrations are applied; it is never restored together with a ledger, for a backup from before an erasure would
-- bring the key back. Unlike the ledger's tables these are there to be deleted from.
CREATE SCHEMA vault;
COMMENT ON SCHEMA vault IS 'Wrapped keys of persons. Leave it out of backups of the ledger, and never restore it.';

-- A key-encryption key and its life: the newest wraps what is made or kept, those before it are destroyed.
CREATE TABLE vault.epochs (
    epoch     integer CONSTRAINT epochs_pk PRIMARY KEY,
    made      timestamptz NOT NULL,
    destroyed timestamptz
);

-- A holder is the subject of an actor, or of a consultation for what was said in it anonymously.
CREATE TABLE vault.keys (
    ledger  text NOT NULL,
    holder  text NOT NULL,
    epoch   integer NOT NULL,
    wrapped bytea NOT NULL,
    CONSTRAINT keys_pk PRIMARY KEY (ledger, holder)
);

-- An erasure from its intent on. `gone`: when the key was deleted, under `epoch`; it is final once no key-encryption
-- key up to that epoch is left. `position`: of person.erased, once all of it is done.
CREATE TABLE vault.erased (
    ledger   text NOT NULL,
    holder   text NOT NULL,
    basis    text NOT NULL,
    asked    timestamptz NOT NULL,
    gone     timestamptz,
    epoch    integer,
    position bigint,
    CONSTRAINT erased_pk PRIMARY KEY (ledger, holder)
);

CREATE TABLE vault.holds (
    ledger text NOT NULL,
    holder text NOT NULL,
    reason text NOT NULL,
    placed_by text NOT NULL,
    since  timestamptz NOT NULL,
    CONSTRAINT holds_pk PRIMARY KEY (ledger, holder)
);

-- Making a key shares this lock; erasing, holding and turning the epoch have it alone. So no key is made for somebody
-- who is just being erased, nor under an epoch that is just being destroyed.
CREATE FUNCTION vault.share() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock_shared(7003811942070)
$$;
CREATE FUNCTION vault.lock() RETURNS void LANGUAGE sql AS $$
    SELECT pg_advisory_xact_lock(7003811942070)
$$;

CREATE FUNCTION vault.add(of_ledger text, new_holders text[], in_epoch integer, new_keys bytea[]) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vault.share();
    IF in_epoch IS DISTINCT FROM (SELECT max(e.epoch) FROM vault.epochs e) THEN
        RETURN false;
    END IF;
    INSERT INTO vault.keys (ledger, holder, epoch, wrapped)
    SELECT of_ledger, n.holder, in_epoch, n.wrapped
    FROM unnest(new_holders, new_keys) AS n (holder, wrapped)
    WHERE NOT EXISTS (SELECT FROM vault.erased e WHERE e.ledger = of_ledger AND e.holder = n.holder)
    ORDER BY n.holder
    ON CONFLICT DO NOTHING;
    RETURN true;
END
$$;
COMMENT ON FUNCTION vault.add IS 'Adds keys for those who have none and are not erased; false: the epoch has turned.';

CREATE FUNCTION vault.intend(of_ledger text, of_holder text, why text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vault.lock();
    IF EXISTS (SELECT FROM vault.holds h WHERE h.ledger = of_ledger AND h.holder = of_holder) THEN
        RETURN false;
    END IF;
    INSERT INTO vault.erased (ledger, holder, basis, asked) VALUES (of_ledger, of_holder, why, at) ON CONFLICT DO NOTHING;
    RETURN true;
END
$$;
COMMENT ON FUNCTION vault.intend IS 'From now on no key is made for the holder; false: a legal hold forbids the erasure.';

CREATE FUNCTION vault.forget(of_ledger text, of_holder text, at timestamptz) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vault.lock();
    DELETE FROM vault.keys k WHERE k.ledger = of_ledger AND k.holder = of_holder;
    UPDATE vault.erased e SET gone = at, epoch = (SELECT max(epoch) FROM vault.epochs)
    WHERE e.ledger = of_ledger AND e.holder = of_holder AND (e.gone IS NULL OR FOUND);
END
$$;
COMMENT ON FUNCTION vault.forget IS 'Deletes the key of somebody whose erasure is intended; again, should it have come back.';

CREATE FUNCTION vault.hold(of_ledger text, of_holder text, why text, who text, at timestamptz) RETURNS boolean
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM vault.lock();
    IF EXISTS (SELECT FROM vault.erased e WHERE e.ledger = of_ledger AND e.holder = of_holder) THEN
        RETURN false;
    END IF;
    INSERT INTO vault.holds (ledger, holder, reason, placed_by, since) VALUES (of_ledger, of_holder, why, who, at)
    ON CONFLICT (ledger, holder) DO UPDATE SET reason = why, placed_by = who;
    RETURN true;
END
$$;
COMMENT ON FUNCTION vault.hold IS 'Keeps a person from being erased; false: the erasure has begun.';

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA vault FROM PUBLIC;
GRANT USAGE ON SCHEMA vault TO locus_vault;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA vault TO locus_vault;
GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA vault TO locus_vault;
