-- Organisations: admitted by the town, confirmed by a letter, with members, a public entry and notices.

CREATE TABLE organisations (
    id              UUID PRIMARY KEY,
    kind            TEXT NOT NULL,
    name            TEXT NOT NULL,
    -- folded, without legal form: finds the same organisation under another spelling
    name_key        TEXT NOT NULL,
    register        TEXT NOT NULL, -- register and number, as given
    register_key    TEXT NOT NULL, -- folded
    street          TEXT NOT NULL,
    house_number    TEXT NOT NULL,
    postcode        TEXT NOT NULL,
    city            TEXT NOT NULL,
    purpose         TEXT NOT NULL,
    search          TEXT NOT NULL, -- name and place, folded
    person          TEXT NOT NULL, -- to whose attention letters go
    state           TEXT NOT NULL, -- admitted | active | suspended
    -- the request with which it came; NULL when that account is gone
    case_id         UUID REFERENCES cases (id) ON DELETE SET NULL,
    admitted_at     TIMESTAMPTZ NOT NULL,
    active_at       TIMESTAMPTZ,
    -- somebody of the organisation says once a year that it is all still so
    confirm_by      TIMESTAMPTZ,
    reminded_at     TIMESTAMPTZ
);
CREATE INDEX organisations_by_name ON organisations (name_key);

CREATE TABLE organisation_members (
    organisation_id UUID NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    account_id      UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    role            TEXT NOT NULL, -- owner | editor
    added_at        TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (organisation_id, account_id)
);
CREATE INDEX organisation_members_by_account ON organisation_members (account_id);

CREATE TABLE organisation_invitations (
    hash            BYTEA PRIMARY KEY,
    id              UUID NOT NULL UNIQUE,
    organisation_id UUID NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    email           TEXT NOT NULL,
    role            TEXT NOT NULL,
    invited_by      UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    expires_at      TIMESTAMPTZ NOT NULL
);

-- What the public sees, and what waits for a look where the town looks first.
CREATE TABLE organisation_entries (
    organisation_id UUID PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    category        TEXT NOT NULL,
    live            TEXT, -- JSON
    proposed        TEXT, -- JSON
    search          TEXT NOT NULL, -- name, place and public description, folded
    version         BIGINT NOT NULL,
    changed_at      TIMESTAMPTZ NOT NULL
);

ALTER TABLE letters ADD COLUMN organisation_id UUID REFERENCES organisations (id) ON DELETE SET NULL;
-- no organisation with two valid letters
CREATE UNIQUE INDEX one_open_letter_per_organisation ON letters (organisation_id) WHERE state = 'open';
