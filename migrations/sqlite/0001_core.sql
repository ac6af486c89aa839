-- The core of one municipality. There is no tenant column: each municipality has a store of its own.
-- Same file names and the same schema in migrations/sqlite and migrations/postgres.

CREATE TABLE settings (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    value       TEXT NOT NULL,
    version     BIGINT NOT NULL,
    updated_at  TEXT NOT NULL
);

-- A known text under the master key: a wrong or lost key is noticed at start.
CREATE TABLE key_check (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    sealed      BLOB NOT NULL
);

-- Logo and signature: small public images, found by their hash.
CREATE TABLE images (
    hash        TEXT PRIMARY KEY,
    media_type  TEXT NOT NULL,
    bytes       BLOB NOT NULL,
    created_at  TEXT NOT NULL
);

CREATE TABLE image_uses (
    use         TEXT PRIMARY KEY, -- logo | signature
    hash        TEXT NOT NULL REFERENCES images (hash)
);

CREATE TABLE residents (
    id              BLOB PRIMARY KEY,
    register_number TEXT UNIQUE,
    family_name     TEXT NOT NULL,
    given_names     TEXT NOT NULL,
    call_name       TEXT,
    doctorate       TEXT,
    birth_date      TEXT,
    birth_year      BIGINT,
    street          TEXT NOT NULL,
    house_number    TEXT NOT NULL,
    address_extra   TEXT,
    postcode        TEXT NOT NULL,
    city            TEXT NOT NULL,
    district        TEXT,
    -- folded by domain::text, so that both databases search and sort alike
    identity        TEXT NOT NULL,
    sort_key        TEXT NOT NULL,
    -- no letters: blocked in a later list. What it says is not kept.
    letter_ban      BOOLEAN NOT NULL,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL
);
CREATE INDEX residents_by_identity ON residents (identity);
CREATE INDEX residents_in_order ON residents (sort_key, id);

CREATE TABLE resident_words (
    word        TEXT NOT NULL,
    resident_id BLOB NOT NULL REFERENCES residents (id) ON DELETE CASCADE,
    PRIMARY KEY (word, resident_id)
);
CREATE INDEX resident_words_by_resident ON resident_words (resident_id);

CREATE TABLE resident_lists (
    id          BLOB PRIMARY KEY,
    file_name   TEXT NOT NULL,
    state       TEXT NOT NULL, -- draft | applied | discarded
    -- the upload, encrypted under a key derived from the master key; gone when the list is applied or discarded
    content     BLOB,
    sheet       TEXT NOT NULL,
    choices     TEXT NOT NULL,
    counts      TEXT NOT NULL,
    version     BIGINT NOT NULL,
    uploaded_by BLOB NOT NULL,
    uploaded_at TEXT NOT NULL,
    ended_at    TEXT
);

CREATE TABLE parties (
    id              BLOB PRIMARY KEY,
    kind            TEXT NOT NULL, -- person
    resident_id     BLOB REFERENCES residents (id) ON DELETE SET NULL,
    name            TEXT NOT NULL,
    address         TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    updated_at      TEXT NOT NULL
);
-- one person, one party
CREATE UNIQUE INDEX one_party_per_resident ON parties (resident_id);

CREATE TABLE accounts (
    id              BLOB PRIMARY KEY,
    party_id        BLOB UNIQUE REFERENCES parties (id) ON DELETE CASCADE,
    role            TEXT, -- staff only
    display_name    TEXT NOT NULL,
    sign_in_key     TEXT UNIQUE, -- letter number, for people without e-mail address
    email           TEXT,
    email_key       TEXT UNIQUE,
    email_confirmed BOOLEAN NOT NULL,
    password_hash   TEXT NOT NULL,
    state           TEXT NOT NULL, -- active | unconfirmed | deactivated
    language        TEXT NOT NULL,
    created_at      TEXT NOT NULL,
    signed_in_at    TEXT
);

CREATE TABLE sessions (
    hash        BLOB PRIMARY KEY,
    public_id   BLOB NOT NULL UNIQUE,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device      TEXT NOT NULL,
    created_at  TEXT NOT NULL,
    seen_at     TEXT NOT NULL,
    expires_at  TEXT NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);

-- Links in mails: only a hash of the token is kept.
CREATE TABLE tokens (
    hash        BLOB PRIMARY KEY,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email       TEXT NOT NULL,
    expires_at  TEXT NOT NULL
);

CREATE TABLE consents (
    id          BLOB PRIMARY KEY,
    account_id  BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    version     BIGINT NOT NULL,
    text_hash   TEXT NOT NULL,
    given_at    TEXT NOT NULL
);

-- Every version of the terms that somebody may have agreed to.
CREATE TABLE terms (
    version     BIGINT PRIMARY KEY,
    text        TEXT NOT NULL,
    created_at  TEXT NOT NULL
);

CREATE TABLE batches (
    id              BLOB PRIMARY KEY,
    number          BIGINT NOT NULL UNIQUE,
    state           TEXT NOT NULL,
    frozen          TEXT, -- NULL when sealed
    wrapped_key     BLOB, -- NULL when sealed
    wrapped_mac_key BLOB NOT NULL,
    letters         BIGINT NOT NULL,
    done            BIGINT NOT NULL,
    bytes           BIGINT NOT NULL,
    sha256          TEXT,
    failure         TEXT,
    validity_days   BIGINT NOT NULL,
    created_by      BLOB,
    created_at      TEXT NOT NULL,
    ready_at        TEXT,
    downloaded_at   TEXT,
    posted_at       TEXT,
    sealed_at       TEXT
);

CREATE TABLE letters (
    id              BLOB PRIMARY KEY,
    batch_id        BLOB NOT NULL REFERENCES batches (id),
    position        BIGINT NOT NULL,
    resident_id     BLOB REFERENCES residents (id) ON DELETE SET NULL,
    letter_number   TEXT NOT NULL UNIQUE,
    lookup_number   BIGINT NOT NULL UNIQUE,
    issue           BIGINT NOT NULL,
    qr_mac          BLOB NOT NULL UNIQUE,
    typed_mac       BLOB NOT NULL UNIQUE,
    state           TEXT NOT NULL,
    failed_tries    BIGINT NOT NULL,
    recipient       TEXT, -- frozen; NULL when the batch is sealed
    created_at      TEXT NOT NULL,
    expires_at      TEXT,
    ended_at        TEXT,
    account_id      BLOB REFERENCES accounts (id) ON DELETE SET NULL,
    UNIQUE (batch_id, position)
);
-- no resident with two valid letters
CREATE UNIQUE INDEX one_open_letter ON letters (resident_id) WHERE state = 'open';
CREATE INDEX letters_by_resident ON letters (resident_id, issue);
CREATE INDEX letters_by_state ON letters (state);

CREATE TABLE evidence (
    id          BLOB PRIMARY KEY,
    party_id    BLOB NOT NULL REFERENCES parties (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    letter_id   BLOB REFERENCES letters (id),
    created_at  TEXT NOT NULL,
    revoked_at  TEXT
);
-- a letter proves one party, once
CREATE UNIQUE INDEX one_evidence_per_letter ON evidence (letter_id);

CREATE TABLE jobs (
    id           BLOB PRIMARY KEY,
    kind         TEXT NOT NULL,
    subject_id   BLOB NOT NULL,
    run_at       TEXT NOT NULL,
    leased_until TEXT,
    attempts     BIGINT NOT NULL,
    state        TEXT NOT NULL, -- due | parked
    error        TEXT
);

CREATE TABLE mails (
    id          BLOB PRIMARY KEY,
    recipient   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    created_at  TEXT NOT NULL
);

-- Failed proofs and sign-ins by hashed key and time slot.
CREATE TABLE throttle (
    key         TEXT NOT NULL,
    slot        BIGINT NOT NULL,
    count       BIGINT NOT NULL,
    PRIMARY KEY (key, slot)
);

CREATE TABLE audit_head (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    seq         BIGINT NOT NULL,
    hash        TEXT NOT NULL
);

-- Append-only, each event hashed with the one before it. Ids and counts only, never a personal value.
CREATE TABLE audit_events (
    seq         BIGINT PRIMARY KEY,
    at          TEXT NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT,
    action      TEXT NOT NULL,
    subject     TEXT,
    detail      TEXT NOT NULL,
    hash        TEXT NOT NULL
);

INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
