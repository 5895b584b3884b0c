-- The paper of certificates: the ledger of a body's blanks, which serial bears which certificate, what two persons destroy; and
-- the stamp that stands on a certificate, by day.

-- An entry of the ledger; never changed, only taken back by another.
CREATE TABLE stock_entry (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- Within the ledger of the body, from 1.
  no BIGINT NOT NULL,
  -- received, printed, spoiled, destroyed
  kind TEXT NOT NULL,
  -- What the serials begin with, and how many digits end them.
  prefix TEXT NOT NULL,
  width BIGINT NOT NULL,
  first BIGINT NOT NULL,
  last BIGINT NOT NULL,
  happened_on TEXT NOT NULL,
  -- From whom they came, or why.
  note TEXT NOT NULL,
  file TEXT REFERENCES file (hash),
  file_name TEXT NOT NULL,
  -- The entry that this one takes back.
  reverses BIGINT REFERENCES stock_entry (id),
  entered_on TEXT NOT NULL,
  entered_by TEXT NOT NULL
);
CREATE UNIQUE INDEX stock_entry_no ON stock_entry (body, no);
CREATE UNIQUE INDEX stock_entry_reverses ON stock_entry (reverses);
CREATE INDEX stock_entry_series ON stock_entry (body, prefix, width, kind);

-- Which version of which certificate was printed on a serial of an entry.
CREATE TABLE stock_print (
  entry BIGINT NOT NULL REFERENCES stock_entry (id),
  serial BIGINT NOT NULL,
  certificate BIGINT NOT NULL REFERENCES certificate (id),
  print_no BIGINT NOT NULL,
  PRIMARY KEY (entry, serial)
);
CREATE INDEX stock_print_certificate ON stock_print (certificate);

-- Spoiled blanks that one person proposes to destroy and another agrees to.
CREATE TABLE blank_destruction (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- proposed, agreed, declined, withdrawn
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- JSON: prefix, width, first and last of each range.
  ranges TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_account BIGINT,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE INDEX blank_destruction_body ON blank_destruction (body, id);

-- The picture of a body's stamp, or that none is printed any more.
CREATE TABLE stamp (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- proposed, agreed, declined, withdrawn
  state TEXT NOT NULL,
  -- As it is printed; empty where none is printed.
  picture TEXT REFERENCES file (hash),
  -- How many dots it is wide, 300 to the inch.
  dots BIGINT NOT NULL,
  reason TEXT NOT NULL,
  -- The day from which on it holds: as wished, and once accepted not before the day after.
  from_on TEXT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_account BIGINT,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE INDEX stamp_body ON stamp (body, from_on);
