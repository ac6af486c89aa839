-- Surveys. Who has taken part and what was answered are two tables that share nothing but the survey: no time, no order, no
-- group. When a survey closes, who has taken part is deleted.
-- PostgreSQL keeps rows in the order of arrival as long as a survey is open (docs/adr/0025).

CREATE TABLE surveys (
    id         UUID PRIMARY KEY,
    content    TEXT NOT NULL, -- domain::surveys::Survey
    state      TEXT NOT NULL, -- draft | released | published
    version    BIGINT NOT NULL,
    follow_up  TEXT NOT NULL, -- what the town makes of the result
    results    TEXT,          -- domain::surveys::results::Results, when published
    participants BIGINT NOT NULL, -- when it is closed; until then they are counted
    closed_at  TIMESTAMPTZ,          -- when the days were over and what tells an order was removed
    created_at TIMESTAMPTZ NOT NULL
);

CREATE TABLE survey_strata (
    survey_id   UUID NOT NULL REFERENCES surveys (id) ON DELETE CASCADE,
    number      BIGINT NOT NULL,
    district    TEXT NOT NULL,
    band        TEXT NOT NULL,
    residents   BIGINT NOT NULL,
    answers     BIGINT NOT NULL, -- counted here, so that no answer knows its group
    public_key  BYTEA, -- blind ballots: DER
    sealed_key  BYTEA, -- blind ballots: private key, sealed; gone when the survey closes
    PRIMARY KEY (survey_id, number)
);

CREATE TABLE survey_participants (
    survey_id   UUID NOT NULL REFERENCES surveys (id) ON DELETE CASCADE,
    resident_id UUID NOT NULL REFERENCES residents (id) ON DELETE CASCADE,
    asked       BYTEA, -- SHA-256 of the blinded number, so that the same request can be answered again
    PRIMARY KEY (survey_id, resident_id)
);
CREATE INDEX survey_participants_by_resident ON survey_participants (resident_id);

CREATE TABLE survey_answers (
    survey_id UUID NOT NULL REFERENCES surveys (id) ON DELETE CASCADE,
    id        UUID NOT NULL, -- random
    answers   TEXT NOT NULL,
    PRIMARY KEY (survey_id, id)
);

CREATE TABLE survey_ballots (
    survey_id UUID NOT NULL REFERENCES surveys (id) ON DELETE CASCADE,
    hash      BYTEA NOT NULL, -- SHA-256 of a ballot that was used
    PRIMARY KEY (survey_id, hash)
);
