-- The provider's key, once under each key file that may open the register.
CREATE TABLE root_keys (
    id      TEXT PRIMARY KEY, -- fingerprint of the key file
    wrapped BYTEA NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
