-- The spine: bodies, filings, the directory, batches, candidates, marks, publicity, reports, certificates; accounts,
-- the record and the outbox. Days are ISO text, instants BIGINT milliseconds, yes and no are 1 and 0.

CREATE TABLE setting (
  name TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE reference_table (
  id BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  source TEXT NOT NULL,
  digest TEXT NOT NULL,
  content TEXT NOT NULL,
  imported_at BIGINT NOT NULL,
  account BIGINT
);
CREATE INDEX reference_table_kind ON reference_table (kind, id);

CREATE TABLE office (
  code TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  division TEXT NOT NULL
);

CREATE TABLE body (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  kind TEXT NOT NULL,
  affiliation TEXT NOT NULL,
  public_body BIGINT NOT NULL,
  level_cap TEXT NOT NULL,
  county TEXT NOT NULL,
  uscc TEXT NOT NULL,
  address TEXT NOT NULL,
  legal_representative TEXT NOT NULL,
  head TEXT NOT NULL,
  contact TEXT NOT NULL,
  phone TEXT NOT NULL,
  superior TEXT NOT NULL,
  station_name TEXT NOT NULL,
  station_number TEXT NOT NULL,
  centre TEXT NOT NULL REFERENCES office (code),
  bureau TEXT REFERENCES office (code),
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX body_uscc ON body (uscc);
CREATE INDEX body_centre ON body (centre, id);
CREATE INDEX body_bureau ON body (bureau, id);

CREATE TABLE account (
  id BIGINT PRIMARY KEY,
  login TEXT NOT NULL,
  name TEXT NOT NULL,
  role TEXT NOT NULL,
  body BIGINT REFERENCES body (id),
  office TEXT REFERENCES office (code),
  password TEXT NOT NULL,
  must_change BIGINT NOT NULL,
  failures BIGINT NOT NULL,
  locked_until BIGINT NOT NULL,
  closed_at BIGINT,
  created_at BIGINT NOT NULL,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX account_login ON account (login);

CREATE TABLE session (
  token TEXT PRIMARY KEY,
  account BIGINT NOT NULL REFERENCES account (id),
  csrf TEXT NOT NULL,
  created_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX session_account ON session (account);
CREATE INDEX session_expires ON session (expires_at);

-- What was done and what was refused, for ever.
CREATE TABLE record (
  id BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  day TEXT NOT NULL,
  act TEXT NOT NULL,
  clause TEXT,
  subject TEXT NOT NULL,
  subject_id BIGINT,
  body BIGINT,
  account BIGINT,
  account_name TEXT NOT NULL,
  role TEXT NOT NULL,
  seat TEXT NOT NULL,
  via TEXT NOT NULL,
  fields TEXT NOT NULL,
  refused TEXT,
  version_before BIGINT,
  version_after BIGINT
);
CREATE INDEX record_subject ON record (subject, subject_id, id);
CREATE INDEX record_body ON record (body, id);

-- Looks at a person's full data.
CREATE TABLE sight (
  id BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  look TEXT NOT NULL,
  subject TEXT NOT NULL,
  subject_id BIGINT,
  account BIGINT,
  account_name TEXT NOT NULL,
  seat TEXT NOT NULL
);

-- One effect and one answer per idempotency key.
CREATE TABLE once (
  key TEXT PRIMARY KEY,
  account BIGINT,
  act TEXT NOT NULL,
  digest TEXT NOT NULL,
  answer TEXT NOT NULL,
  at BIGINT NOT NULL
);
CREATE INDEX once_at ON once (at);

-- Messages on their way; claimed by lease.
CREATE TABLE outbox (
  id BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  body BIGINT,
  office TEXT,
  title TEXT NOT NULL,
  link TEXT NOT NULL,
  tries BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  sent_at BIGINT
);
CREATE INDEX outbox_waiting ON outbox (sent_at, leased_until, id);

CREATE TABLE message (
  id BIGINT PRIMARY KEY,
  at BIGINT NOT NULL,
  body BIGINT,
  office TEXT,
  title TEXT NOT NULL,
  link TEXT NOT NULL
);
CREATE INDEX message_body ON message (body, id);
CREATE INDEX message_office ON message (office, id);

CREATE TABLE file (
  hash TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  size BIGINT NOT NULL,
  stored_at BIGINT NOT NULL
);

CREATE TABLE filing (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  stage TEXT NOT NULL,
  opened_on TEXT NOT NULL,
  body_form TEXT,
  submitted_on TEXT,
  accept_due_on TEXT,
  accepted_on TEXT,
  assessed_on TEXT,
  assessment TEXT,
  consented_on TEXT,
  consent TEXT,
  summarised_on TEXT,
  ministry_reference TEXT,
  ministry_on TEXT,
  listed_on TEXT,
  number TEXT,
  valid_from TEXT,
  valid_until TEXT,
  receipt_on TEXT,
  version BIGINT NOT NULL
);
CREATE INDEX filing_body ON filing (body, id);
CREATE INDEX filing_stage ON filing (stage, id);

CREATE TABLE filing_trade (
  id BIGINT PRIMARY KEY,
  filing BIGINT NOT NULL REFERENCES filing (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  work_type TEXT NOT NULL,
  level TEXT NOT NULL,
  major TEXT NOT NULL,
  standard TEXT NOT NULL,
  edition BIGINT,
  papers TEXT NOT NULL,
  capacity BIGINT NOT NULL,
  decision TEXT,
  decision_reason TEXT
);
CREATE UNIQUE INDEX filing_trade_once ON filing_trade (filing, code, level);

CREATE TABLE filing_person (
  id BIGINT PRIMARY KEY,
  filing BIGINT NOT NULL REFERENCES filing (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  trade_code TEXT NOT NULL,
  level_max TEXT NOT NULL,
  card_number TEXT NOT NULL,
  card_valid_until TEXT
);
CREATE INDEX filing_person_filing ON filing_person (filing, id);

CREATE TABLE filing_site (
  id BIGINT PRIMARY KEY,
  filing BIGINT NOT NULL REFERENCES filing (id),
  kind TEXT NOT NULL,
  name TEXT NOT NULL,
  trade_code TEXT NOT NULL,
  count BIGINT NOT NULL,
  note TEXT NOT NULL,
  days_kept BIGINT
);
CREATE INDEX filing_site_filing ON filing_site (filing, id);

CREATE TABLE filing_material (
  id BIGINT PRIMARY KEY,
  filing BIGINT NOT NULL REFERENCES filing (id),
  code TEXT NOT NULL,
  -- The occupation it is about; blank for those asked for once.
  trade_code TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  attached_at BIGINT NOT NULL
);
CREATE INDEX filing_material_filing ON filing_material (filing, id);

CREATE TABLE filing_return (
  id BIGINT PRIMARY KEY,
  filing BIGINT NOT NULL REFERENCES filing (id),
  returned_on TEXT NOT NULL,
  reasons TEXT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX filing_return_filing ON filing_return (filing, id);

-- The directory: one entry per body and number, its scope with validity of its own.
CREATE TABLE listing (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  filing BIGINT NOT NULL REFERENCES filing (id),
  number TEXT NOT NULL,
  name TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  listed_on TEXT NOT NULL,
  removed_on TEXT,
  removed_clause TEXT,
  removed_reason TEXT
);
CREATE INDEX listing_body ON listing (body, id);
CREATE UNIQUE INDEX listing_filing ON listing (filing);
CREATE INDEX listing_number ON listing (number);

CREATE TABLE listing_scope (
  id BIGINT PRIMARY KEY,
  listing BIGINT NOT NULL REFERENCES listing (id),
  -- The filing that brought it in; an occupation may be added to an entry later.
  filing BIGINT NOT NULL REFERENCES filing (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  work_type TEXT NOT NULL,
  level TEXT NOT NULL,
  standard TEXT NOT NULL,
  edition BIGINT,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL
);
CREATE INDEX listing_scope_listing ON listing_scope (listing, code, level);
CREATE INDEX listing_scope_code ON listing_scope (code, level);

-- A body's register of its own students: the evidence for 一（一）3.
CREATE TABLE enrolment (
  body BIGINT NOT NULL REFERENCES body (id),
  id_key TEXT NOT NULL,
  id_sealed TEXT NOT NULL,
  student_no TEXT NOT NULL,
  name TEXT NOT NULL,
  major TEXT NOT NULL,
  class TEXT NOT NULL,
  class_kind TEXT NOT NULL,
  entered TEXT NOT NULL,
  graduates TEXT NOT NULL,
  PRIMARY KEY (body, id_key)
);

CREATE TABLE enrolment_upload (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  rows_new BIGINT NOT NULL DEFAULT 0,
  rows_changed BIGINT NOT NULL DEFAULT 0,
  faults BIGINT NOT NULL DEFAULT 0,
  warnings BIGINT NOT NULL DEFAULT 0,
  -- Sealed: findings quote names and numbers.
  findings TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX enrolment_upload_body ON enrolment_upload (body, id);

CREATE TABLE batch (
  id BIGINT PRIMARY KEY,
  number TEXT NOT NULL,
  body BIGINT NOT NULL REFERENCES body (id),
  listing BIGINT NOT NULL REFERENCES listing (id),
  stage TEXT NOT NULL,
  title TEXT NOT NULL,
  code TEXT NOT NULL,
  trade TEXT NOT NULL,
  -- Blank for the whole occupation.
  work_type TEXT NOT NULL DEFAULT '',
  level TEXT NOT NULL,
  standard TEXT NOT NULL,
  edition BIGINT,
  notified_on TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  theory_on TEXT NOT NULL,
  practical_on TEXT NOT NULL,
  comprehensive_on TEXT,
  theory_place TEXT NOT NULL,
  practical_place TEXT NOT NULL,
  expected BIGINT NOT NULL,
  plan TEXT NOT NULL,
  plan_file TEXT REFERENCES file (hash),
  cancelled_on TEXT,
  cancel_reason TEXT,
  posted_at BIGINT,
  posted_on TEXT,
  first_on TEXT,
  ends_publicity_on TEXT,
  publicity_token TEXT,
  publicity_digest TEXT,
  closed_on TEXT,
  report_due_on TEXT,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX batch_number ON batch (number);
CREATE INDEX batch_body ON batch (body, id);
CREATE INDEX batch_stage ON batch (stage, id);
CREATE UNIQUE INDEX batch_publicity ON batch (publicity_token);

CREATE TABLE roster_upload (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  rows_new BIGINT NOT NULL,
  rows_changed BIGINT NOT NULL DEFAULT 0,
  rows_withdrawn BIGINT NOT NULL DEFAULT 0,
  faults BIGINT NOT NULL DEFAULT 0,
  warnings BIGINT NOT NULL DEFAULT 0,
  -- Sealed: findings quote names and numbers.
  findings TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX roster_upload_batch ON roster_upload (batch, id);

CREATE TABLE candidate (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  upload BIGINT NOT NULL REFERENCES roster_upload (id),
  sheet TEXT NOT NULL,
  row_no BIGINT NOT NULL,
  ticket TEXT NOT NULL,
  name TEXT NOT NULL,
  id_kind TEXT NOT NULL,
  id_key TEXT NOT NULL,
  id_sealed TEXT NOT NULL,
  sex TEXT NOT NULL,
  born TEXT,
  student_no TEXT NOT NULL,
  major TEXT NOT NULL,
  condition TEXT NOT NULL,
  phone_sealed TEXT NOT NULL,
  photo TEXT REFERENCES file (hash),
  withdrawn_on TEXT,
  withdrawn_reason TEXT,
  verdict TEXT,
  publicity_no BIGINT,
  held BIGINT NOT NULL,
  report BIGINT,
  review TEXT,
  review_reason TEXT,
  reviewed_on TEXT,
  reviewed_by TEXT,
  certificate BIGINT
);
CREATE UNIQUE INDEX candidate_once ON candidate (batch, id_key);
CREATE INDEX candidate_person ON candidate (id_key);
CREATE INDEX candidate_ticket ON candidate (batch, ticket);
CREATE INDEX candidate_publicity ON candidate (batch, publicity_no);

CREATE TABLE mark (
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  outcome TEXT NOT NULL,
  score DOUBLE PRECISION,
  source TEXT NOT NULL,
  file TEXT REFERENCES file (hash),
  row_no BIGINT,
  -- How often it was changed after it had been entered.
  changes BIGINT NOT NULL DEFAULT 0,
  entered_at BIGINT NOT NULL,
  entered_by TEXT NOT NULL,
  PRIMARY KEY (candidate, part)
);

CREATE TABLE mark_upload (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_good BIGINT NOT NULL,
  marks_new BIGINT NOT NULL,
  marks_changed BIGINT NOT NULL,
  faults BIGINT NOT NULL,
  -- Sealed: findings quote names and numbers.
  findings TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX mark_upload_batch ON mark_upload (batch, id);

-- The list as it was posted; what was shown does not change when a mark does.
CREATE TABLE publicity_row (
  batch BIGINT NOT NULL REFERENCES batch (id),
  no BIGINT NOT NULL,
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  name_masked TEXT NOT NULL,
  id_masked TEXT NOT NULL,
  marks TEXT NOT NULL,
  verdict TEXT NOT NULL,
  PRIMARY KEY (batch, no)
);

CREATE TABLE objection (
  id BIGINT PRIMARY KEY,
  receipt TEXT NOT NULL,
  batch BIGINT NOT NULL REFERENCES batch (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  lodged_at BIGINT NOT NULL,
  lodged_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  contact_sealed TEXT NOT NULL,
  state TEXT NOT NULL,
  decided_on TEXT,
  decided_by TEXT,
  decision TEXT,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX objection_receipt ON objection (receipt);
CREATE INDEX objection_batch ON objection (batch, state);

CREATE TABLE report (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  no BIGINT NOT NULL,
  reported_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  persons BIGINT NOT NULL,
  reported_by TEXT NOT NULL,
  late_reason TEXT,
  late_decision TEXT,
  late_decision_reason TEXT,
  late_decided_on TEXT,
  late_decided_by TEXT
);
CREATE UNIQUE INDEX report_no ON report (batch, no);

-- One counter per numbering series; taken in the transaction that issues, so there are no gaps.
CREATE TABLE counter (
  series TEXT PRIMARY KEY,
  last BIGINT NOT NULL
);

CREATE TABLE certificate (
  id BIGINT PRIMARY KEY,
  number TEXT NOT NULL,
  token TEXT NOT NULL,
  candidate BIGINT NOT NULL,
  batch BIGINT NOT NULL REFERENCES batch (id),
  body BIGINT NOT NULL REFERENCES body (id),
  body_name TEXT NOT NULL,
  name TEXT NOT NULL,
  id_kind TEXT NOT NULL,
  id_key TEXT NOT NULL,
  id_sealed TEXT NOT NULL,
  trade_code TEXT NOT NULL,
  trade TEXT NOT NULL,
  work_type TEXT NOT NULL,
  level TEXT NOT NULL,
  exam_on TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  issued_at BIGINT NOT NULL,
  issued_by TEXT NOT NULL,
  photo TEXT,
  state TEXT NOT NULL,
  voided_on TEXT,
  void_reason TEXT,
  voided_by TEXT,
  version BIGINT NOT NULL
);
CREATE UNIQUE INDEX certificate_number ON certificate (number);
CREATE UNIQUE INDEX certificate_token ON certificate (token);
CREATE INDEX certificate_person ON certificate (id_key);
CREATE INDEX certificate_batch ON certificate (batch, number);
CREATE INDEX certificate_body ON certificate (body, id);
-- One certificate a candidate, unless the one before was voided.
CREATE UNIQUE INDEX certificate_candidate ON certificate (candidate) WHERE state <> 'void';
