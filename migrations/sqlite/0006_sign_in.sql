-- Second factors, passkeys, links that mails carry, freezing, and who looked at whose data.

-- sealed under the master key; NULL: no app is set up
ALTER TABLE accounts ADD COLUMN totp BLOB;
-- the time step that was used last: a code works once
ALTER TABLE accounts ADD COLUMN totp_step BIGINT NOT NULL DEFAULT 0;
-- on confirmations: whoever has it can freeze the account and nothing else
ALTER TABLE accounts ADD COLUMN freeze_number TEXT;
CREATE UNIQUE INDEX accounts_by_freeze_number ON accounts (freeze_number);

-- full | second: the password was right, the second factor is missing | setup: a second factor must be set up first
ALTER TABLE sessions ADD COLUMN stage TEXT NOT NULL DEFAULT 'full';

CREATE TABLE recovery_codes (
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    mac         BLOB NOT NULL,
    PRIMARY KEY (account_id, mac)
);

CREATE TABLE passkeys (
    id              BLOB PRIMARY KEY,
    account_id      BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    credential      TEXT NOT NULL UNIQUE, -- the credential's id, base64url
    name            TEXT NOT NULL,
    passkey         TEXT NOT NULL,        -- public key and counter
    created_at      TEXT NOT NULL,
    used_at         TEXT
);
CREATE INDEX passkeys_by_account ON passkeys (account_id);

-- A ceremony that is under way: what the browser was asked.
CREATE TABLE passkey_ceremonies (
    id          BLOB PRIMARY KEY,
    account_id  BLOB REFERENCES accounts (id) ON DELETE CASCADE,
    state       BLOB NOT NULL, -- sealed
    expires_at  TEXT NOT NULL
);

-- Links in mails: invitation, new password, sign-in. Only a hash of the token is kept, and a keyed hash of the code.
CREATE TABLE links (
    hash        BLOB PRIMARY KEY,
    public_id   BLOB NOT NULL UNIQUE,
    purpose     TEXT NOT NULL, -- invite | password | sign-in
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    code_mac    BLOB,
    tries       BIGINT NOT NULL,
    expires_at  TEXT NOT NULL
);
CREATE INDEX links_by_account ON links (account_id, purpose);

-- Members of staff who opened the data of a person: shown to that person.
CREATE TABLE data_views (
    id          BLOB PRIMARY KEY,
    resident_id BLOB NOT NULL REFERENCES residents (id) ON DELETE CASCADE,
    account_id  BLOB NOT NULL,
    viewer      TEXT NOT NULL, -- name when it happened
    at          TEXT NOT NULL
);
CREATE INDEX data_views_by_resident ON data_views (resident_id, at);
CREATE INDEX audit_events_by_actor ON audit_events (actor_id);
