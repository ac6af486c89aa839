-- Several people at one list, and people whom only few may see.

-- In which version of the list the row was changed last: what a colleague's screen fetches anew.
ALTER TABLE list_rows ADD COLUMN changed_in BIGINT NOT NULL DEFAULT 0;
CREATE INDEX list_rows_by_change ON list_rows (list_id, changed_in);
CREATE INDEX list_edits_by_row ON list_edits (list_id, nr);
-- Up to which row the list is applied (list_rows.done is not used any more: a mark per row makes looking for the next
-- one slower and slower).
ALTER TABLE resident_lists ADD COLUMN applied_to BIGINT NOT NULL DEFAULT 0;

-- The upload in pieces, each encrypted by itself: neither the store nor the program ever holds it twice.
-- (resident_lists.content is not used any more.)
CREATE TABLE list_parts (
    list_id     UUID NOT NULL REFERENCES resident_lists (id) ON DELETE CASCADE,
    part        BIGINT NOT NULL,
    sealed      BYTEA NOT NULL,
    PRIMARY KEY (list_id, part)
);

-- Who has a draft open, and at which row. Lines are worth some seconds.
CREATE TABLE list_watchers (
    list_id     UUID NOT NULL REFERENCES resident_lists (id) ON DELETE CASCADE,
    account_id  UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    nr          BIGINT,
    seen_at     TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (list_id, account_id)
);

-- A register block (§§ 51, 52 BMG): the person does not exist for staff who may not see blocks.
ALTER TABLE residents ADD COLUMN blocked BOOLEAN NOT NULL DEFAULT FALSE;
-- Set by hand: no list lifts it.
ALTER TABLE residents ADD COLUMN blocked_by_hand BOOLEAN NOT NULL DEFAULT FALSE;
UPDATE residents SET blocked = letter_ban WHERE gone IS NULL;
CREATE INDEX residents_by_block ON residents (blocked);

-- ordinary | desk | neutral: letters to people with a register block are made and shown apart.
ALTER TABLE batches ADD COLUMN route TEXT NOT NULL DEFAULT 'ordinary';
-- Grows when a letter is taken out of a batch that is not sealed: the file is then made anew.
ALTER TABLE batches ADD COLUMN revision BIGINT NOT NULL DEFAULT 0;
