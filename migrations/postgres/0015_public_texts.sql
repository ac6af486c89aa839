-- What the municipality publishes about itself: each save is a new version, and all stay.
CREATE TABLE public_texts (
    kind      TEXT NOT NULL, -- imprint | privacy | contact | accessibility | easy-language | sign-language
    language  TEXT NOT NULL,
    version   BIGINT NOT NULL,
    text      TEXT NOT NULL,
    saved_at  TIMESTAMPTZ NOT NULL,
    saved_by  UUID, -- account
    PRIMARY KEY (kind, language, version)
);

-- Reminders of these texts that somebody has put off.
CREATE TABLE put_off (
    reminder  TEXT PRIMARY KEY,
    until     TIMESTAMPTZ NOT NULL
);

-- The film in sign language, in pieces, so that no server holds all of it.
CREATE TABLE films (
    id          UUID PRIMARY KEY,
    media_type  TEXT NOT NULL,
    bytes       BIGINT NOT NULL,
    ready       BOOLEAN NOT NULL,
    saved_at    TIMESTAMPTZ NOT NULL
);
CREATE TABLE film_pieces (
    film_id  UUID NOT NULL REFERENCES films (id) ON DELETE CASCADE,
    n        BIGINT NOT NULL,
    piece    BYTEA NOT NULL,
    PRIMARY KEY (film_id, n)
);
