-- The national exchange (三（三）): what of certificates went up, what the national system answered, and where its list and the
-- records here differ.

-- Columns of the sheet from a day on; before the first of them the one that ships holds.
CREATE TABLE exchange_template (
  id BIGINT PRIMARY KEY,
  from_on TEXT NOT NULL,
  name TEXT NOT NULL,
  -- JSON: heading, field, whether it must say something, what stands there otherwise, codes.
  columns TEXT NOT NULL,
  reason TEXT NOT NULL,
  set_on TEXT NOT NULL,
  set_by TEXT NOT NULL,
  -- The office, by its name of then.
  seat_name TEXT NOT NULL
);
CREATE INDEX exchange_template_from ON exchange_template (from_on, id);

-- A sheet as it was made, with its summary; never altered.
CREATE TABLE exchange_package (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- The how manieth of the body, from 1.
  no BIGINT NOT NULL,
  number TEXT NOT NULL,
  -- 0: the one that ships.
  template BIGINT NOT NULL,
  template_name TEXT NOT NULL,
  from_on TEXT NOT NULL,
  until_on TEXT NOT NULL,
  rows_written BIGINT NOT NULL,
  -- Its hash is the digest that the summary names.
  file TEXT NOT NULL REFERENCES file (hash),
  summary TEXT NOT NULL REFERENCES file (hash),
  built_on TEXT NOT NULL,
  built_by TEXT NOT NULL,
  -- Uploaded by a person: when, by whom, where, with what shows it.
  uploaded_on TEXT,
  uploaded_by TEXT,
  uploaded_to TEXT,
  proof TEXT REFERENCES file (hash),
  proof_name TEXT,
  -- Or handed to the connector.
  handed_on TEXT,
  handed_by TEXT,
  withdrawn_on TEXT,
  withdrawn_by TEXT,
  withdrawn_reason TEXT
);
CREATE UNIQUE INDEX exchange_package_no ON exchange_package (body, no);
CREATE UNIQUE INDEX exchange_package_number ON exchange_package (number);

-- A certificate as it stood when it went up.
CREATE TABLE exchange_row (
  id BIGINT PRIMARY KEY,
  package BIGINT NOT NULL REFERENCES exchange_package (id),
  no BIGINT NOT NULL,
  certificate BIGINT NOT NULL REFERENCES certificate (id),
  -- The last change that it tells of; 0 where there was none.
  change BIGINT NOT NULL,
  -- issue, correct, suspend, resume, revoke, void
  kind TEXT NOT NULL,
  -- How the certificate stood.
  stands TEXT NOT NULL,
  number TEXT NOT NULL,
  trade TEXT NOT NULL,
  work_type TEXT NOT NULL,
  level TEXT NOT NULL,
  -- Keyed hash of its cells.
  digest TEXT NOT NULL,
  -- The cells as JSON, sealed.
  cells_sealed TEXT NOT NULL,
  -- to_send, sent, accepted, rejected, withdrawn
  state TEXT NOT NULL,
  -- Whether this is what the national system was last told of the certificate, or is being told.
  is_live BIGINT NOT NULL,
  -- The accepted row whose place it takes.
  before BIGINT REFERENCES exchange_row (id),
  national_id TEXT,
  fault_column TEXT,
  fault_reason TEXT,
  settled_on TEXT,
  -- Since when and why the certificate is to go up again.
  again_on TEXT,
  again_by TEXT,
  again_reason TEXT
);
CREATE UNIQUE INDEX exchange_row_no ON exchange_row (package, no);
CREATE UNIQUE INDEX exchange_row_live ON exchange_row (certificate) WHERE is_live = 1;
CREATE INDEX exchange_row_number ON exchange_row (number);
CREATE INDEX exchange_row_state ON exchange_row (package, state);
CREATE INDEX exchange_row_rejected ON exchange_row (package) WHERE state = 'rejected' AND is_live = 1;

-- Rows that the connector hands over at a time, under one key however often it tries.
CREATE TABLE exchange_part (
  package BIGINT NOT NULL REFERENCES exchange_package (id),
  part BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  error TEXT,
  -- done, given_up
  outcome TEXT,
  PRIMARY KEY (package, part)
);
CREATE INDEX exchange_part_waiting ON exchange_part (next_at) WHERE outcome IS NULL;

-- A receipt that was imported.
CREATE TABLE exchange_receipt (
  id BIGINT PRIMARY KEY,
  package BIGINT NOT NULL REFERENCES exchange_package (id),
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  accepted BIGINT NOT NULL,
  rejected BIGINT NOT NULL,
  -- Findings as JSON, sealed.
  findings_sealed TEXT NOT NULL,
  imported_on TEXT NOT NULL,
  imported_by TEXT NOT NULL
);
CREATE INDEX exchange_receipt_package ON exchange_receipt (package, id);

-- A list of what the national system has: a file, or fetched page by page.
CREATE TABLE exchange_inventory (
  id BIGINT PRIMARY KEY,
  -- file, connector
  way TEXT NOT NULL,
  begun_on TEXT NOT NULL,
  begun_by TEXT NOT NULL,
  file TEXT REFERENCES file (hash),
  -- The last number that was fetched.
  cursor TEXT NOT NULL,
  is_fetched BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  error TEXT,
  -- compared, given_up
  outcome TEXT,
  ours BIGINT,
  theirs BIGINT,
  compared_on TEXT
);
CREATE INDEX exchange_inventory_waiting ON exchange_inventory (next_at) WHERE outcome IS NULL;

-- A certificate on such a list; only those of the last list stay.
CREATE TABLE exchange_national (
  inventory BIGINT NOT NULL REFERENCES exchange_inventory (id),
  number TEXT NOT NULL,
  national_id TEXT NOT NULL,
  stands TEXT NOT NULL,
  digest TEXT NOT NULL,
  cells_sealed TEXT NOT NULL,
  -- How often the list has it.
  times BIGINT NOT NULL,
  PRIMARY KEY (inventory, number)
);

-- Where the two sides differ.
CREATE TABLE exchange_difference (
  id BIGINT PRIMARY KEY,
  -- Null where nobody here has issued it.
  body BIGINT REFERENCES body (id),
  -- missing, foreign, field, twice
  kind TEXT NOT NULL,
  number TEXT NOT NULL,
  column_name TEXT NOT NULL,
  -- A person's data is masked.
  ours TEXT NOT NULL,
  theirs TEXT NOT NULL,
  -- Keyed hash of what they have: what was noted once is a new difference when it changes.
  mark TEXT NOT NULL,
  found_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  -- The last list that shows it.
  inventory BIGINT NOT NULL REFERENCES exchange_inventory (id),
  -- open, noted, again, gone
  state TEXT NOT NULL,
  reason TEXT,
  resolved_on TEXT,
  resolved_by TEXT
);
CREATE UNIQUE INDEX exchange_difference_one ON exchange_difference (number, kind, column_name, mark) WHERE state IN ('open', 'noted');
CREATE INDEX exchange_difference_open ON exchange_difference (body) WHERE state = 'open';
CREATE INDEX exchange_difference_list ON exchange_difference (inventory, id);

-- A certificate whose number the national system has given; the number is never given here.
CREATE TABLE elsewhere_certificate (
  number TEXT PRIMARY KEY,
  national_id TEXT NOT NULL,
  name TEXT NOT NULL,
  id_key TEXT NOT NULL,
  id_sealed TEXT NOT NULL,
  trade TEXT NOT NULL,
  work_type TEXT NOT NULL,
  level TEXT NOT NULL,
  issued_on TEXT NOT NULL,
  body_name TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  imported_on TEXT NOT NULL,
  imported_by TEXT NOT NULL
);
CREATE INDEX elsewhere_certificate_imported ON elsewhere_certificate (imported_on, number);
