-- Files outside the store, if the operator wants them there: pictures of documents, documents, pieces of a film. What is
-- stored outside is encrypted and named by its SHA-256. Each of these tables either holds the bytes, or they are empty and
-- `file` names them.

CREATE TABLE files (
    hash    TEXT PRIMARY KEY, -- SHA-256 of what is stored
    bytes   BIGINT NOT NULL,
    kept_at TIMESTAMPTZ NOT NULL
);
ALTER TABLE case_files ADD COLUMN file TEXT;
ALTER TABLE case_documents ADD COLUMN file TEXT;
ALTER TABLE film_pieces ADD COLUMN file TEXT;
CREATE INDEX case_files_by_file ON case_files (file);
CREATE INDEX case_documents_by_file ON case_documents (file);
CREATE INDEX film_pieces_by_file ON film_pieces (file);

-- Who this store is to its place for files: two stores at one place would delete each other's.
CREATE TABLE file_place (
    id      BIGINT PRIMARY KEY CHECK (id = 1),
    owner   TEXT NOT NULL
);

-- While a backup runs, no file is deleted.
CREATE TABLE file_holds (
    id      UUID PRIMARY KEY,
    until   TIMESTAMPTZ NOT NULL
);

-- The key from which all others come, once under each key file that may open the store.
CREATE TABLE root_keys (
    id      TEXT PRIMARY KEY, -- fingerprint of the key file
    wrapped BYTEA NOT NULL,
    made_at TIMESTAMPTZ NOT NULL
);
