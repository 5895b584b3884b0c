-- The application: work types are rows of their own, a school has a catalogue of majors, lists are imported, each submission
-- is kept as it was, reasons stand at the part that they are about.

DROP INDEX filing_trade_once;
CREATE UNIQUE INDEX filing_trade_once ON filing_trade (filing, code, work_type, level);

-- The day of the first submission: the checklist of that day is asked for.
ALTER TABLE filing ADD COLUMN applied_on TEXT;
UPDATE filing SET applied_on = submitted_on;

-- Reasons about a part or a row of it, as JSON; and the seat that gave back.
ALTER TABLE filing_return ADD COLUMN parts TEXT;
ALTER TABLE filing_return ADD COLUMN seat TEXT;

CREATE TABLE major (
  body BIGINT NOT NULL REFERENCES body (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  class_kind TEXT NOT NULL,
  is_main BIGINT NOT NULL,
  since BIGINT,
  PRIMARY KEY (body, code)
);

CREATE TABLE list_upload (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- The application that it belongs to; none for the catalogue of majors.
  filing BIGINT REFERENCES filing (id),
  -- majors, people, sites
  kind TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  rows_new BIGINT NOT NULL,
  rows_changed BIGINT NOT NULL,
  faults BIGINT NOT NULL,
  warnings BIGINT NOT NULL,
  -- Sealed: findings quote the file.
  findings TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX list_upload_body ON list_upload (body, kind, id);

CREATE TABLE filing_submission (
  id BIGINT PRIMARY KEY,
  filing BIGINT NOT NULL REFERENCES filing (id),
  -- 1 for the first.
  no BIGINT NOT NULL,
  submitted_on TEXT NOT NULL,
  -- What it said, part by part.
  content TEXT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE UNIQUE INDEX filing_submission_once ON filing_submission (filing, no);
