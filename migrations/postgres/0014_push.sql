-- Notifications of browsers about news in cases (Web Push), switched on by each person for each device.

-- The town's own key, by which push services know the portal (RFC 8292). One row.
CREATE TABLE push_key (
    id          BIGINT PRIMARY KEY CHECK (id = 1),
    sealed      BYTEA NOT NULL -- under the master key
);

CREATE TABLE push_subscriptions (
    id           UUID PRIMARY KEY,
    account_id   UUID NOT NULL REFERENCES accounts (id) ON DELETE CASCADE,
    session_id   UUID NOT NULL,        -- the session that switched it on; the session may run out, this stays
    device_hash  BYTEA NOT NULL UNIQUE, -- hash of the cookie by which the device is known again
    endpoint_mac BYTEA NOT NULL UNIQUE, -- keyed hash of the address at the push service: one account each
    sealed       BYTEA NOT NULL,        -- address and keys of the browser, under the master key
    device       TEXT NOT NULL,        -- "Firefox, Android"
    created_at   TIMESTAMPTZ NOT NULL
);
CREATE INDEX push_subscriptions_by_account ON push_subscriptions (account_id);
