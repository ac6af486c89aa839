-- Resident lists as drafts whose rows stand in the store: they survive reload and crash, and grow to a city's size.

-- What is known of the file, with samples of its cells: encrypted.
ALTER TABLE resident_lists ADD COLUMN meta BYTEA;
ALTER TABLE resident_lists ADD COLUMN problem TEXT;
-- When applying began, and whether the register was empty then.
ALTER TABLE resident_lists ADD COLUMN applying_since TIMESTAMPTZ;
ALTER TABLE resident_lists ADD COLUMN first_list BOOLEAN;

CREATE TABLE list_rows (
    list_id     UUID NOT NULL REFERENCES resident_lists (id) ON DELETE CASCADE,
    nr          BIGINT NOT NULL, -- as the spreadsheet counts
    -- the cells that are needed, what was read from them and what was found: encrypted
    sealed      BYTEA NOT NULL,
    worst       TEXT NOT NULL, -- none | repair | ask | block | drop
    decision    TEXT, -- yes | no
    fate        TEXT NOT NULL, -- take | open | leave | block | drop
    version     BIGINT NOT NULL,
    -- keyed hashes: rows that share one are compared
    number_key  TEXT,
    birth_key   TEXT,
    -- what applying the row does to the register
    plan        TEXT,
    resident_id UUID,
    done        BOOLEAN NOT NULL,
    PRIMARY KEY (list_id, nr)
);
CREATE INDEX list_rows_by_fate ON list_rows (list_id, fate, nr);
CREATE INDEX list_rows_by_plan ON list_rows (list_id, plan, nr);
CREATE INDEX list_rows_by_number ON list_rows (list_id, number_key);
CREATE INDEX list_rows_by_birth ON list_rows (list_id, birth_key);
CREATE INDEX list_rows_by_resident ON list_rows (list_id, resident_id);

CREATE TABLE list_findings (
    list_id     UUID NOT NULL REFERENCES resident_lists (id) ON DELETE CASCADE,
    nr          BIGINT NOT NULL,
    rule        TEXT NOT NULL,
    severity    TEXT NOT NULL,
    PRIMARY KEY (list_id, rule, nr)
);
CREATE INDEX list_findings_by_row ON list_findings (list_id, nr);

-- What a row was before somebody changed it: for undoing.
CREATE TABLE list_edits (
    list_id     UUID NOT NULL REFERENCES resident_lists (id) ON DELETE CASCADE,
    seq         BIGINT NOT NULL,
    nr          BIGINT NOT NULL,
    sealed      BYTEA NOT NULL,
    decision    TEXT,
    by_account  UUID NOT NULL,
    at          TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (list_id, seq)
);

-- Titles of columns that somebody has given a meaning: known in the next list.
CREATE TABLE column_titles (
    title       TEXT PRIMARY KEY,
    meaning     TEXT NOT NULL
);

-- Why somebody is no resident any more: deceased | moved_away | missing.
ALTER TABLE residents ADD COLUMN gone TEXT;
ALTER TABLE residents ADD COLUMN gone_at TIMESTAMPTZ;
-- When a list last had the person: who never registers is deleted some time after that.
ALTER TABLE residents ADD COLUMN seen_at TIMESTAMPTZ;
CREATE INDEX residents_by_seen ON residents (seen_at);
CREATE INDEX residents_by_district ON residents (district);

-- People whose data was deleted: only a keyed hash, so that they are recognised when they come back.
CREATE TABLE tombstones (
    key         TEXT PRIMARY KEY,
    created_at  TIMESTAMPTZ NOT NULL
);

-- people are found by the beginning of their identity
ALTER TABLE residents ALTER COLUMN identity TYPE TEXT COLLATE "C";
