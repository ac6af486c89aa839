-- Which municipalities a provider hosts, and where the store of each is. No resident, no member of staff: only addresses
-- of portals and wrapped keys.

CREATE TABLE municipalities (
    name        TEXT PRIMARY KEY,     -- short, a part of file and schema names
    host        TEXT NOT NULL UNIQUE, -- of the portal's address, with the port if it has one
    base_url    TEXT NOT NULL,
    place       TEXT NOT NULL,        -- file | schema
    state       TEXT NOT NULL,        -- active | suspended | moving | deleting
    mail_from   TEXT NOT NULL,
    wrapped_key BYTEA NOT NULL,       -- the municipality's master key under the provider's
    version     BIGINT NOT NULL,      -- grows with each change, so that servers open the store anew
    created_at  TIMESTAMPTZ NOT NULL,
    changed_at  TIMESTAMPTZ NOT NULL
);

-- What was done, by whom is known to the operating system: only operators reach this.
CREATE TABLE hosting_events (
    id          UUID PRIMARY KEY,
    at          TIMESTAMPTZ NOT NULL,
    name        TEXT NOT NULL,
    action      TEXT NOT NULL
);
