-- Publicity inside the body and what may break it (二（二）3): proof that the list hung there, broken publicity that starts
-- anew, and what comes with an objection.

-- That the list hung inside the body: where, from when, by whom, and which list it was.
CREATE TABLE posting_proof (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  -- The broken posting that it belongs to; none while that posting stands.
  round BIGINT,
  address TEXT NOT NULL,
  place TEXT NOT NULL,
  hung_on TEXT NOT NULL,
  hung_by TEXT NOT NULL,
  digest TEXT NOT NULL,
  noted_at BIGINT NOT NULL,
  noted_by TEXT NOT NULL
);
CREATE INDEX posting_proof_batch ON posting_proof (batch, id);

CREATE TABLE posting_photo (
  id BIGINT PRIMARY KEY,
  proof BIGINT NOT NULL REFERENCES posting_proof (id),
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL
);
CREATE INDEX posting_photo_proof ON posting_photo (proof, id);

-- A posting that was broken, as it stood: its days, its list line by line, and why it did not count.
CREATE TABLE broken_publicity (
  batch BIGINT NOT NULL REFERENCES batch (id),
  -- Counted from 1.
  no BIGINT NOT NULL,
  token TEXT NOT NULL,
  digest TEXT NOT NULL,
  posted_at BIGINT NOT NULL,
  posted_on TEXT NOT NULL,
  first_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  -- JSON: the lines as they were frozen.
  list TEXT NOT NULL,
  broken_on TEXT NOT NULL,
  -- Whole working days that it had stood.
  stood BIGINT NOT NULL,
  reason TEXT NOT NULL,
  restarted_on TEXT NOT NULL,
  restarted_at BIGINT NOT NULL,
  restarted_by TEXT NOT NULL,
  seat TEXT NOT NULL,
  PRIMARY KEY (batch, no)
);
CREATE UNIQUE INDEX broken_publicity_token ON broken_publicity (token);
-- The broken posting to whose list a correction belonged; the new list has the corrected result.
ALTER TABLE publicity_correction ADD COLUMN round BIGINT;

-- By when an objection is answered, and what follows where it is right; none in objections of before.
ALTER TABLE objection ADD COLUMN due_on TEXT;
ALTER TABLE objection ADD COLUMN effect TEXT;

-- What came with an objection. Names of files may name persons.
CREATE TABLE objection_file (
  id BIGINT PRIMARY KEY,
  objection BIGINT NOT NULL REFERENCES objection (id),
  file TEXT NOT NULL REFERENCES file (hash),
  name_sealed TEXT NOT NULL
);
CREATE INDEX objection_file_of ON objection_file (objection, id);

-- A hearing on an objection, with its signed minutes.
CREATE TABLE objection_hearing (
  id BIGINT PRIMARY KEY,
  objection BIGINT NOT NULL REFERENCES objection (id),
  held_on TEXT NOT NULL,
  present_sealed TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name_sealed TEXT NOT NULL,
  noted_at BIGINT NOT NULL,
  noted_by TEXT NOT NULL
);
CREATE INDEX objection_hearing_of ON objection_hearing (objection, id);

-- Pieces of an archive whose time is over (三（三）): proposed by one person with the list of what goes, agreed by another. The
-- list is kept for ever.
CREATE TABLE archive_destruction (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  -- proposed, agreed, declined, withdrawn
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- JSON: every piece, with when its time was over and the digests of its files.
  list TEXT NOT NULL,
  digest TEXT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_account BIGINT,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE INDEX archive_destruction_batch ON archive_destruction (batch, id);

-- Content that was given up with an archive; whether it is gone from the store by now.
CREATE TABLE destroyed_file (
  hash TEXT PRIMARY KEY REFERENCES file (hash),
  destruction BIGINT NOT NULL REFERENCES archive_destruction (id),
  is_gone BIGINT NOT NULL
);
CREATE INDEX destroyed_file_left ON destroyed_file (is_gone);
