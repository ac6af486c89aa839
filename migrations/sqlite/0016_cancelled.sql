-- Who stopped long work before it was ready, and when: making a batch, reading a list.
ALTER TABLE batches ADD COLUMN cancelled_by BLOB;
ALTER TABLE batches ADD COLUMN cancelled_at TEXT;
ALTER TABLE resident_lists ADD COLUMN cancelled_by BLOB;
ALTER TABLE resident_lists ADD COLUMN cancelled_at TEXT;
