-- The local market: what organisations offer, look for, plan or tell, each until a day.

CREATE TABLE notices (
    id              BLOB PRIMARY KEY,
    organisation_id BLOB NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    kind            TEXT NOT NULL,
    title           TEXT NOT NULL,
    text            TEXT NOT NULL,
    search          TEXT NOT NULL, -- title, text, name and place of the organisation, folded
    ends_at         TEXT NOT NULL,
    state           TEXT NOT NULL, -- waiting | live | hidden
    created_at      TEXT NOT NULL
);
CREATE INDEX notices_by_organisation ON notices (organisation_id);
