-- Experts, evaluations on site with their draws and marks, what was exported for the ministry and what it answered,
-- receipts of renewals.

CREATE TABLE expert (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  employer TEXT NOT NULL,
  -- The department above the employer; blank where none was said.
  superior TEXT NOT NULL,
  title TEXT NOT NULL,
  level_max TEXT NOT NULL,
  card_number TEXT NOT NULL UNIQUE,
  card_valid_until TEXT NOT NULL,
  -- Sealed; blank without one.
  phone TEXT NOT NULL,
  suspended_on TEXT,
  suspended_reason TEXT,
  entered_on TEXT NOT NULL
);

-- The occupations that an expert may judge.
CREATE TABLE expert_trade (
  expert BIGINT NOT NULL REFERENCES expert (id),
  code TEXT NOT NULL,
  PRIMARY KEY (expert, code)
);

-- What ties an expert to a body, so that they are never drawn for it.
CREATE TABLE expert_tie (
  expert BIGINT NOT NULL REFERENCES expert (id),
  body BIGINT NOT NULL REFERENCES body (id),
  relation TEXT NOT NULL,
  PRIMARY KEY (expert, body)
);

CREATE TABLE expert_upload (
  id BIGINT PRIMARY KEY,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_new BIGINT NOT NULL,
  rows_changed BIGINT NOT NULL,
  rows_same BIGINT NOT NULL,
  -- Sealed: findings quote the file.
  findings TEXT NOT NULL,
  faults BIGINT NOT NULL,
  uploaded_on TEXT NOT NULL,
  uploaded_by TEXT NOT NULL
);

CREATE TABLE evaluation (
  id BIGINT PRIMARY KEY,
  filing BIGINT NOT NULL REFERENCES filing (id),
  -- How often the filing had been given back when it was planned: what was evaluated before does not count for what was
  -- submitted after.
  round BIGINT NOT NULL,
  held_on TEXT NOT NULL,
  members BIGINT NOT NULL,
  -- JSON: the score sheet that was in force on that day.
  sheet TEXT NOT NULL,
  planned_on TEXT NOT NULL,
  planned_by TEXT NOT NULL,
  moved_reason TEXT,
  -- The random bytes of the next draw, sealed, and the commitment to them, which everyone may see before.
  entropy TEXT NOT NULL,
  commitment TEXT NOT NULL,
  opinion TEXT,
  -- JSON: what the marks came to, per occupation.
  outcome TEXT,
  finished_on TEXT,
  finished_by TEXT,
  UNIQUE (filing, round)
);

CREATE TABLE evaluation_draw (
  evaluation BIGINT NOT NULL REFERENCES evaluation (id),
  no BIGINT NOT NULL,
  -- The record of the draw as `jiangce verify draw` reads it.
  record TEXT NOT NULL,
  -- Why it was drawn again; blank for the first.
  reason TEXT NOT NULL,
  -- JSON: who stayed out, and why.
  left_out TEXT NOT NULL,
  drawn_on TEXT NOT NULL,
  drawn_by TEXT NOT NULL,
  PRIMARY KEY (evaluation, no)
);

-- Who was drawn, in the order of the lots; who was replaced stays with the reason.
CREATE TABLE evaluation_member (
  evaluation BIGINT NOT NULL REFERENCES evaluation (id),
  draw BIGINT NOT NULL,
  place BIGINT NOT NULL,
  expert BIGINT NOT NULL REFERENCES expert (id),
  name TEXT NOT NULL,
  employer TEXT NOT NULL,
  title TEXT NOT NULL,
  card_number TEXT NOT NULL,
  replaced_on TEXT,
  replaced_reason TEXT,
  PRIMARY KEY (evaluation, draw, place)
);

CREATE TABLE evaluation_mark (
  evaluation BIGINT NOT NULL REFERENCES evaluation (id),
  expert BIGINT NOT NULL REFERENCES expert (id),
  item TEXT NOT NULL,
  -- Blank where the line is about the whole body.
  trade_code TEXT NOT NULL,
  points BIGINT NOT NULL,
  remark TEXT NOT NULL,
  PRIMARY KEY (evaluation, expert, item, trade_code)
);

CREATE TABLE evaluation_evidence (
  id BIGINT PRIMARY KEY,
  evaluation BIGINT NOT NULL REFERENCES evaluation (id),
  -- The line of the score sheet that it shows, or `signed_sheet`.
  item TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  attached_at BIGINT NOT NULL,
  attached_by TEXT NOT NULL
);
CREATE INDEX evaluation_evidence_of ON evaluation_evidence (evaluation, id);

CREATE TABLE ministry_export (
  id BIGINT PRIMARY KEY,
  template TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  rows_written BIGINT NOT NULL,
  exported_on TEXT NOT NULL,
  exported_by TEXT NOT NULL
);

CREATE TABLE ministry_export_filing (
  export BIGINT NOT NULL REFERENCES ministry_export (id),
  filing BIGINT NOT NULL REFERENCES filing (id),
  PRIMARY KEY (export, filing)
);
CREATE INDEX ministry_export_filing_of ON ministry_export_filing (filing, export);

-- An answer of the ministry that was recorded for several filings at once.
CREATE TABLE ministry_answer (
  id BIGINT PRIMARY KEY,
  reference TEXT NOT NULL,
  filed_on TEXT NOT NULL,
  recorded_on TEXT NOT NULL,
  account_name TEXT NOT NULL,
  seat TEXT NOT NULL
);

CREATE TABLE ministry_answer_filing (
  answer BIGINT NOT NULL REFERENCES ministry_answer (id),
  filing BIGINT NOT NULL REFERENCES filing (id),
  PRIMARY KEY (answer, filing)
);
CREATE INDEX ministry_answer_filing_of ON ministry_answer_filing (filing, answer);

-- JSON: what the receipt of a renewal says; kept as it was decided.
ALTER TABLE renewal ADD COLUMN receipt TEXT;
