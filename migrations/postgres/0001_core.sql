-- The core of one municipality. There is no tenant column: each municipality has a store of its own.
-- Same file names and the same schema in migrations/sqlite and migrations/postgres.

CREATE TABLE settings (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    value       JSONB NOT NULL,
    version     BIGINT NOT NULL,
    updated_at  TIMESTAMPTZ NOT NULL
);

-- A known text under the master key: a wrong or lost key is noticed at start.
CREATE TABLE key_check (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    sealed      BYTEA NOT NULL
);

-- Logo and signature: small public images, found by their hash.
CREATE TABLE images (
    hash        TEXT PRIMARY KEY,
    media_type  TEXT NOT NULL,
    bytes       BYTEA NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE image_uses (
    use         TEXT PRIMARY KEY, -- logo | signature
    hash        TEXT NOT NULL REFERENCES images (hash)
);

CREATE TABLE residents (
    id              UUID PRIMARY KEY,
    register_number TEXT UNIQUE,
    family_name     TEXT NOT NULL,
    given_names     TEXT NOT NULL,
    call_name       TEXT,
    doctorate       TEXT,
    birth_date      DATE,
    birth_year      BIGINT,
    street          TEXT NOT NULL,
    house_number    TEXT NOT NULL,
    address_extra   TEXT,
    postcode        TEXT NOT NULL,
    city            TEXT NOT NULL,
    district        TEXT,
    -- folded by domain::text, so that both databases search and sort alike
    identity        TEXT NOT NULL,
    sort_key        TEXT NOT NULL COLLATE "C",
    -- no letters: blocked in a later list. What it says is not kept.
    letter_ban      BOOLEAN NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL
);
CREATE INDEX residents_by_identity ON residents (identity);
CREATE INDEX residents_in_order ON residents (sort_key, id);

CREATE TABLE resident_words (
    word        TEXT NOT NULL COLLATE "C",
    resident_id UUID NOT NULL REFERENCES residents (id) ON DELETE CASCADE,
    PRIMARY KEY (word, resident_id)
);
CREATE INDEX resident_words_by_resident ON resident_words (resident_id);

CREATE TABLE resident_lists (
    id          UUID PRIMARY KEY,
    file_name   TEXT NOT NULL,
    state       TEXT NOT NULL, -- draft | applied | discarded
    -- the upload, encrypted under a key derived from the master key; gone when the list is applied or discarded
    content     BYTEA,
    sheet       TEXT NOT NULL,
    choices     JSONB NOT NULL,
    counts      JSONB NOT NULL,
    version     BIGINT NOT NULL,
    uploaded_by UUID NOT NULL,
    uploaded_at TIMESTAMPTZ NOT NULL,
    ended_at    TIMESTAMPTZ
);

CREATE TABLE parties (
    id              UUID PRIMARY KEY,
    kind            TEXT NOT NULL, -- person
    resident_id     UUID REFERENCES residents (id) ON DELETE SET NULL,
    name            TEXT NOT NULL,
    address         JSONB NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    updated_at      TIMESTAMPTZ NOT NULL
);
-- one person, one party
CREATE UNIQUE INDEX one_party_per_resident ON parties (resident_id);

CREATE TABLE accounts (
    id              UUID PRIMARY KEY,
    party_id        UUID UNIQUE REFERENCES parties (id) ON DELETE CASCADE,
    role            TEXT, -- staff only
    display_name    TEXT NOT NULL,
    sign_in_key     TEXT UNIQUE, -- letter number, for people without e-mail address
    email           TEXT,
    email_key       TEXT UNIQUE,
    email_confirmed BOOLEAN NOT NULL,
    password_hash   TEXT NOT NULL,
    state           TEXT NOT NULL, -- active | unconfirmed | deactivated
    language        TEXT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    signed_in_at    TIMESTAMPTZ
);

CREATE TABLE sessions (
    hash        BYTEA PRIMARY KEY,
    public_id   UUID NOT NULL UNIQUE,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    device      TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    seen_at     TIMESTAMPTZ NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL
);
CREATE INDEX sessions_by_account ON sessions (account_id);

-- Links in mails: only a hash of the token is kept.
CREATE TABLE tokens (
    hash        BYTEA PRIMARY KEY,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    email       TEXT NOT NULL,
    expires_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE consents (
    id          UUID PRIMARY KEY,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    version     BIGINT NOT NULL,
    text_hash   TEXT NOT NULL,
    given_at    TIMESTAMPTZ NOT NULL
);

-- Every version of the terms that somebody may have agreed to.
CREATE TABLE terms (
    version     BIGINT PRIMARY KEY,
    text        TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
);

CREATE TABLE batches (
    id              UUID PRIMARY KEY,
    number          BIGINT NOT NULL UNIQUE,
    state           TEXT NOT NULL,
    frozen          JSONB, -- NULL when sealed
    wrapped_key     BYTEA, -- NULL when sealed
    wrapped_mac_key BYTEA NOT NULL,
    letters         BIGINT NOT NULL,
    done            BIGINT NOT NULL,
    bytes           BIGINT NOT NULL,
    sha256          TEXT,
    failure         TEXT,
    validity_days   BIGINT NOT NULL,
    created_by      UUID,
    created_at      TIMESTAMPTZ NOT NULL,
    ready_at        TIMESTAMPTZ,
    downloaded_at   TIMESTAMPTZ,
    posted_at       TIMESTAMPTZ,
    sealed_at       TIMESTAMPTZ
);

CREATE TABLE letters (
    id              UUID PRIMARY KEY,
    batch_id        UUID NOT NULL REFERENCES batches (id),
    position        BIGINT NOT NULL,
    resident_id     UUID REFERENCES residents (id) ON DELETE SET NULL,
    letter_number   TEXT NOT NULL UNIQUE,
    lookup_number   BIGINT NOT NULL UNIQUE,
    issue           BIGINT NOT NULL,
    qr_mac          BYTEA NOT NULL UNIQUE,
    typed_mac       BYTEA NOT NULL UNIQUE,
    state           TEXT NOT NULL,
    failed_tries    BIGINT NOT NULL,
    recipient       JSONB, -- frozen; NULL when the batch is sealed
    created_at      TIMESTAMPTZ NOT NULL,
    expires_at      TIMESTAMPTZ,
    ended_at        TIMESTAMPTZ,
    account_id      UUID REFERENCES accounts (id) ON DELETE SET NULL,
    UNIQUE (batch_id, position)
);
-- no resident with two valid letters
CREATE UNIQUE INDEX one_open_letter ON letters (resident_id) WHERE state = 'open';
CREATE INDEX letters_by_resident ON letters (resident_id, issue);
CREATE INDEX letters_by_state ON letters (state);

CREATE TABLE evidence (
    id          UUID PRIMARY KEY,
    party_id    UUID NOT NULL REFERENCES parties (id) ON DELETE CASCADE,
    kind        TEXT NOT NULL,
    letter_id   UUID REFERENCES letters (id),
    created_at  TIMESTAMPTZ NOT NULL,
    revoked_at  TIMESTAMPTZ
);
-- a letter proves one party, once
CREATE UNIQUE INDEX one_evidence_per_letter ON evidence (letter_id);

CREATE TABLE jobs (
    id           UUID PRIMARY KEY,
    kind         TEXT NOT NULL,
    subject_id   UUID NOT NULL,
    run_at       TIMESTAMPTZ NOT NULL,
    leased_until TIMESTAMPTZ,
    attempts     BIGINT NOT NULL,
    state        TEXT NOT NULL, -- due | parked
    error        TEXT
);

CREATE TABLE mails (
    id          UUID PRIMARY KEY,
    recipient   TEXT NOT NULL,
    subject     TEXT NOT NULL,
    body        TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL
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
    at          TIMESTAMPTZ NOT NULL,
    actor_kind  TEXT NOT NULL,
    actor_id    TEXT,
    action      TEXT NOT NULL,
    subject     TEXT,
    detail      TEXT NOT NULL,
    hash        TEXT NOT NULL
);

INSERT INTO audit_head (id, seq, hash) VALUES (1, 0, '');
