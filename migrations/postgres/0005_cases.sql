-- Cases: every request to the town, its entries, files, teams, and how staff work on them.

CREATE TABLE teams (
    id          UUID PRIMARY KEY,
    name        TEXT NOT NULL UNIQUE,
    -- kinds of cases that come here, separated by blanks
    kinds       TEXT NOT NULL
);

CREATE TABLE team_members (
    team_id     UUID NOT NULL REFERENCES teams (id) ON DELETE CASCADE,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (team_id, account_id)
);

CREATE TABLE cases (
    id              UUID PRIMARY KEY,
    number          TEXT NOT NULL UNIQUE,
    kind            TEXT NOT NULL,
    state           TEXT NOT NULL, -- draft | submitted | in_review | waiting | decided
    outcome         TEXT,          -- approved | rejected | answered | withdrawn
    -- wraps what the entries and files hold; gone with the row
    wrapped_key     BYTEA NOT NULL,
    party_id        UUID NOT NULL REFERENCES parties (id) ON DELETE CASCADE,
    account_id      UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    -- name of the applicant when the case was begun, and folded for the search
    applicant       TEXT NOT NULL,
    applicant_key   TEXT NOT NULL,
    team_id         UUID REFERENCES teams (id) ON DELETE SET NULL,
    assignee_id     UUID REFERENCES accounts (id) ON DELETE SET NULL,
    proof           TEXT NOT NULL, -- none | picture | desk | shown
    -- what the applicant says at the desk; gone when the document was shown
    desk_code       TEXT UNIQUE,
    -- who said yes first where two must agree
    first_yes_by    UUID,
    entries         BIGINT NOT NULL,
    version         BIGINT NOT NULL,
    created_at      TIMESTAMPTZ NOT NULL,
    submitted_at    TIMESTAMPTZ,
    due_at          TIMESTAMPTZ,
    changed_at      TIMESTAMPTZ NOT NULL,
    decided_at      TIMESTAMPTZ,
    decided_by      UUID
);
CREATE INDEX cases_by_state ON cases (state, changed_at);
CREATE INDEX cases_by_party ON cases (party_id, created_at);
CREATE INDEX cases_by_assignee ON cases (assignee_id, state);

CREATE TABLE case_entries (
    case_id     UUID NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    position    BIGINT NOT NULL,
    kind        TEXT NOT NULL,
    area        TEXT NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    author_kind TEXT NOT NULL, -- staff | resident | system
    author_id   UUID,
    sealed      BYTEA NOT NULL,
    PRIMARY KEY (case_id, position)
);

-- How far a member of staff has seen each part of a case.
CREATE TABLE case_seen (
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    case_id     UUID NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    area        TEXT NOT NULL,
    position    BIGINT NOT NULL,
    PRIMARY KEY (account_id, case_id, area)
);

-- Who has a case open right now.
CREATE TABLE case_present (
    case_id     UUID NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    seen_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (case_id, account_id)
);

-- Pictures of documents, encrypted. When the content is gone, the row says when, why, and what it was.
CREATE TABLE case_files (
    id          UUID PRIMARY KEY,
    case_id     UUID NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    media_type  TEXT NOT NULL,
    sealed      BYTEA,
    bytes       BIGINT NOT NULL,
    sha256      TEXT NOT NULL,
    created_at  TIMESTAMPTZ NOT NULL,
    deleted_at  TIMESTAMPTZ
);
CREATE INDEX case_files_by_case ON case_files (case_id);

CREATE TABLE saved_views (
    id          UUID PRIMARY KEY,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    name        TEXT NOT NULL,
    query       TEXT NOT NULL,
    UNIQUE (account_id, name)
);

CREATE TABLE answer_templates (
    id          UUID PRIMARY KEY,
    kind        TEXT NOT NULL, -- of the case; empty for all
    name        TEXT NOT NULL,
    body        TEXT NOT NULL,
    UNIQUE (kind, name)
);

-- Who is away, and who stands in.
CREATE TABLE absences (
    account_id  UUID PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    deputy_id   UUID REFERENCES accounts (id) ON DELETE SET NULL,
    until       TIMESTAMPTZ NOT NULL
);

-- each | daily | none: mails about new cases
ALTER TABLE accounts ADD COLUMN case_mails TEXT NOT NULL DEFAULT 'each';
ALTER TABLE accounts ADD COLUMN digest_at TIMESTAMPTZ;
-- the parts of name and address after an approved request; NULL: as the register has them
ALTER TABLE parties ADD COLUMN profile JSONB;
