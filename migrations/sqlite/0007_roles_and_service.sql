-- Roles as data, and signing in through the town's own sign-in service (OpenID Connect).

-- A built-in role has a row when the municipality changed it; a role of its own has a name.
CREATE TABLE roles (
    key         TEXT PRIMARY KEY,
    name        TEXT NOT NULL,
    permissions TEXT NOT NULL
);

CREATE TABLE sign_in_service (
    id          BIGINT PRIMARY KEY, -- 1: there is one
    active      BOOLEAN NOT NULL,
    label       TEXT NOT NULL,
    issuer      TEXT NOT NULL,
    client_id   TEXT NOT NULL,
    secret      BLOB NOT NULL,      -- sealed under the master key
    claim       TEXT NOT NULL,
    roles       TEXT NOT NULL,      -- JSON: role and the values that mean it, in order
    trust_email BOOLEAN NOT NULL,
    provider    TEXT NOT NULL       -- what the service said of itself when this was saved
);

-- Accounts that sign in through the service, and no other way.
CREATE TABLE service_accounts (
    account_id  BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    issuer      TEXT NOT NULL,
    subject     TEXT NOT NULL,
    UNIQUE (issuer, subject)
);
