-- What people say in the open: ideas, comments, who supports an idea, reports. Names are not stored here: they are those of the
-- accounts and organisations, at any time.

CREATE TABLE contributions (
    id              BLOB PRIMARY KEY,
    subject         TEXT NOT NULL, -- '' for an idea, else what a comment is about: notice | survey | idea
    subject_id      BLOB,
    account_id      BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    organisation_id BLOB REFERENCES organisations (id) ON DELETE CASCADE, -- written for it
    pseudonym       BOOLEAN NOT NULL, -- written under the pseudonym, and stays so
    title           TEXT NOT NULL,
    text            TEXT NOT NULL,
    search          TEXT NOT NULL, -- title and text, folded
    state           TEXT NOT NULL, -- live | hidden
    hidden_because  TEXT NOT NULL,
    status          TEXT NOT NULL, -- of an idea: new | examined | planned | done | declined
    reply           TEXT NOT NULL, -- the town's answer to an idea
    version         BIGINT NOT NULL,
    created_at      TEXT NOT NULL,
    changed_at      TEXT NOT NULL
);
CREATE INDEX contributions_by_subject ON contributions (subject, subject_id);
CREATE INDEX contributions_by_account ON contributions (account_id);
CREATE INDEX contributions_by_organisation ON contributions (organisation_id);

-- earlier versions, for everybody who can read the present one
CREATE TABLE contribution_versions (
    contribution_id BLOB NOT NULL REFERENCES contributions (id) ON DELETE CASCADE,
    version         BIGINT NOT NULL,
    title           TEXT NOT NULL,
    text            TEXT NOT NULL,
    written_at      TEXT NOT NULL,
    PRIMARY KEY (contribution_id, version)
);

CREATE TABLE idea_supports (
    idea_id    BLOB NOT NULL REFERENCES contributions (id) ON DELETE CASCADE,
    account_id BLOB NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    PRIMARY KEY (idea_id, account_id)
);
CREATE INDEX idea_supports_by_account ON idea_supports (account_id);

-- what people with a register block are called in the open
CREATE TABLE pseudonyms (
    account_id BLOB PRIMARY KEY REFERENCES accounts (id) ON DELETE CASCADE,
    name       TEXT NOT NULL UNIQUE
);

CREATE TABLE reports (
    id         BLOB PRIMARY KEY,
    target     TEXT NOT NULL, -- notice | entry | idea | comment
    target_id  BLOB NOT NULL,
    reason     TEXT NOT NULL,
    text       TEXT NOT NULL,
    account_id BLOB REFERENCES accounts (id) ON DELETE SET NULL,
    email      TEXT NOT NULL, -- of somebody without account, to say what became of it; empty if nowhere
    language   TEXT NOT NULL,
    state      TEXT NOT NULL, -- open | kept | hidden | gone
    created_at TEXT NOT NULL,
    decided_at TEXT
);
CREATE INDEX reports_by_target ON reports (target, target_id);
CREATE INDEX reports_by_account ON reports (account_id);
