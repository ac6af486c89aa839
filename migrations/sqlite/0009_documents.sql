-- Documents in a case: what the town sends, what applicants add to a message. They stay as long as the case (pictures of ID
-- documents do not). Name and content are sealed under the key of the case.

CREATE TABLE case_documents (
    id          BLOB PRIMARY KEY,
    case_id     BLOB NOT NULL REFERENCES cases (id) ON DELETE CASCADE,
    media_type  TEXT NOT NULL, -- application/pdf | image/jpeg
    sealed      BLOB NOT NULL,
    created_at  TEXT NOT NULL
);
CREATE INDEX case_documents_by_case ON case_documents (case_id);
