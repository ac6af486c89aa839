-- The whole life of a letter: templates, files of a batch, returned mail, requests for a new letter, control letters,
-- letters that were made on the town's own computer.

-- Every save makes a new version; a batch names the one it was made with.
CREATE TABLE letter_templates (
    occasion    TEXT NOT NULL, -- first | reminder
    version     BIGINT NOT NULL,
    content     TEXT NOT NULL,
    saved_by    BLOB,
    saved_at    TEXT NOT NULL,
    PRIMARY KEY (occasion, version)
);

ALTER TABLE batches ADD COLUMN occasion TEXT NOT NULL DEFAULT 'first';
ALTER TABLE batches ADD COLUMN template_version BIGINT NOT NULL DEFAULT 0;
ALTER TABLE batches ADD COLUMN large BOOLEAN NOT NULL DEFAULT FALSE;
-- made on the town's own computer: the portal never had the recipients
ALTER TABLE batches ADD COLUMN offline BOOLEAN NOT NULL DEFAULT FALSE;

-- The files of a batch. Known when the check has passed; the manifest is made of it.
CREATE TABLE batch_parts (
    batch_id        BLOB NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    part            BIGINT NOT NULL,
    first_position  BIGINT NOT NULL,
    last_position   BIGINT NOT NULL,
    letters         BIGINT NOT NULL,
    pages           BIGINT NOT NULL,
    sheets          BIGINT NOT NULL,
    bytes           BIGINT NOT NULL,
    sha256          TEXT NOT NULL,
    first_number    TEXT NOT NULL,
    last_number     TEXT NOT NULL,
    downloaded_at   TEXT,
    PRIMARY KEY (batch_id, part)
);

-- People of the town hall whose letters measure how long the post takes, and whose codes nobody may use.
CREATE TABLE control_recipients (
    id          BLOB PRIMARY KEY,
    name        TEXT NOT NULL,
    street      TEXT NOT NULL,
    postcode    TEXT NOT NULL,
    city        TEXT NOT NULL,
    added_at    TEXT NOT NULL,
    ended_at    TEXT
);

-- unknown | moved | refused | deceased | no_box
ALTER TABLE letters ADD COLUMN return_reason TEXT;
-- what the letter was before, so that a slip can be taken back for a day
ALTER TABLE letters ADD COLUMN returned_from TEXT;
-- where the person lived when the letter was made: for figures that stay when the person is deleted
ALTER TABLE letters ADD COLUMN district TEXT NOT NULL DEFAULT '';
-- when its code was first proven
ALTER TABLE letters ADD COLUMN opened_at TEXT;
ALTER TABLE letters ADD COLUMN control_id BLOB REFERENCES control_recipients (id) ON DELETE SET NULL;
ALTER TABLE letters ADD COLUMN is_control BOOLEAN NOT NULL DEFAULT FALSE;
-- when a control letter lay in the box, and when somebody used its code
ALTER TABLE letters ADD COLUMN arrived_at TEXT;
ALTER TABLE letters ADD COLUMN alarm_at TEXT;
CREATE INDEX letters_by_control ON letters (is_control, batch_id);

-- Somebody asks for a new letter: the person at home (matched by a job, so that the answer takes the same time for
-- everybody) or staff where two must agree.
CREATE TABLE letter_requests (
    id              BLOB PRIMARY KEY,
    source          TEXT NOT NULL, -- public | staff
    reason          TEXT NOT NULL, -- lost | request | moved
    state           TEXT NOT NULL, -- new | open | done | declined
    sealed          BLOB,          -- what was typed, encrypted; gone when it is matched
    resident_id     BLOB REFERENCES residents (id) ON DELETE CASCADE,
    large           BOOLEAN NOT NULL,
    requested_by    BLOB,
    requested_at    TEXT NOT NULL,
    decided_by      BLOB,
    decided_at      TEXT
);
CREATE INDEX letter_requests_by_state ON letter_requests (state, requested_at);
CREATE INDEX letter_requests_by_resident ON letter_requests (resident_id);

-- Numbers that letters made elsewhere will carry.
CREATE TABLE reserved_numbers (
    batch_id        BLOB NOT NULL REFERENCES batches (id) ON DELETE CASCADE,
    position        BIGINT NOT NULL,
    lookup_number   BIGINT NOT NULL UNIQUE,
    letter_number   TEXT NOT NULL UNIQUE,
    PRIMARY KEY (batch_id, position)
);

-- Name and address of a letter that was made elsewhere: sealed under keys that only the letter has.
CREATE TABLE sealed_recipients (
    letter_id   BLOB PRIMARY KEY REFERENCES letters (id) ON DELETE CASCADE,
    person      TEXT NOT NULL, -- the same for all letters to one person, under a key that the portal never has
    by_qr       BLOB NOT NULL,
    by_typed    BLOB NOT NULL
);
CREATE INDEX sealed_recipients_by_person ON sealed_recipients (person);
