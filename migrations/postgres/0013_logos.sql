-- Logos of organisations in the directory: PNG, written anew from what was uploaded.

CREATE TABLE organisation_logos (
    organisation_id UUID PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    live            BYTEA, -- what everybody sees
    proposed        BYTEA, -- what waits for a look
    changed_at      TIMESTAMPTZ NOT NULL
);
