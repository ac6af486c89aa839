-- Logos of organisations in the directory: PNG, written anew from what was uploaded.

CREATE TABLE organisation_logos (
    organisation_id BLOB PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    live            BLOB, -- what everybody sees
    proposed        BLOB, -- what waits for a look
    changed_at      TEXT NOT NULL
);
