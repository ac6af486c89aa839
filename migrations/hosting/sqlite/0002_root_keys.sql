-- The provider's key, once under each key file that may open the register.
CREATE TABLE root_keys (
    id      TEXT PRIMARY KEY, -- fingerprint of the key file
    wrapped BLOB NOT NULL,
    made_at TEXT NOT NULL
);
