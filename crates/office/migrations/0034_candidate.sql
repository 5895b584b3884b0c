-- What is the candidate's own: one-time codes and short sessions of persons without an account, corrections by two persons,
-- exceptions from the conditions decided one by one, and who no longer meets them since the batch was changed.

-- A code that was asked for or handed out. It is kept for whoever is registered and whoever is not, so that both are answered
-- alike; `person_key` is the keyed hash of number and name.
CREATE TABLE candidate_code (
  id BIGINT PRIMARY KEY,
  person_key TEXT NOT NULL,
  -- Null where nobody is registered so.
  candidate BIGINT REFERENCES candidate (id),
  -- sms, handed
  way TEXT NOT NULL,
  -- Keyed hash; a code that a school hands out follows from the house's key and is kept nowhere.
  digest TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  is_used BIGINT NOT NULL,
  -- Who handed it out.
  issued_by TEXT
);
CREATE INDEX candidate_code_person ON candidate_code (person_key, id);
CREATE INDEX candidate_code_of ON candidate_code (candidate, id);
CREATE INDEX candidate_code_expires ON candidate_code (expires_at);

-- A candidate who has shown to be one, for half an hour; kept as the hash of its token.
CREATE TABLE candidate_session (
  token TEXT PRIMARY KEY,
  id_key TEXT NOT NULL,
  person_key TEXT NOT NULL,
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  way TEXT NOT NULL,
  csrf TEXT NOT NULL,
  began_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL
);
CREATE INDEX candidate_session_expires ON candidate_session (expires_at);

-- Deliveries go to accounts, and with a code to a candidate, who has none: account 0, whose address is sealed beside the text.
ALTER TABLE delivery RENAME TO delivery_before;
CREATE TABLE delivery (
  message BIGINT NOT NULL,
  account BIGINT NOT NULL,
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  link TEXT NOT NULL,
  clause TEXT,
  due_on TEXT,
  sealed TEXT,
  made_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  error TEXT,
  failed_at BIGINT,
  outcome TEXT,
  ended_at BIGINT,
  PRIMARY KEY (message, account, channel)
);
INSERT INTO delivery (message, account, channel, kind, title, link, clause, due_on, sealed, made_at, next_at, leased_until, tries, error, failed_at, outcome, ended_at)
  SELECT message, account, channel, kind, title, link, clause, due_on, sealed, made_at, next_at, leased_until, tries, error, failed_at, outcome, ended_at FROM delivery_before;
DROP TABLE delivery_before;
CREATE INDEX delivery_waiting ON delivery (channel, next_at) WHERE outcome IS NULL;
CREATE INDEX delivery_failed ON delivery (failed_at) WHERE failed_at IS NOT NULL;
CREATE INDEX delivery_ended ON delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX delivery_account ON delivery (account, channel, made_at);

-- When the telephones of a batch were erased.
ALTER TABLE batch ADD COLUMN phones_forgotten_on TEXT;
-- Up to which notice of the batch its candidates were checked; what was notified before this step counts as checked.
ALTER TABLE batch ADD COLUMN rechecked_no BIGINT;
UPDATE batch SET rechecked_no = (SELECT COUNT(*) FROM batch_version v WHERE v.batch = batch.id);

-- A correction of what is kept of a candidate: proposed by one with reason and evidence, agreed by another. What was before
-- stays here.
CREATE TABLE candidate_change (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  -- proposed, agreed, declined, withdrawn
  state TEXT NOT NULL,
  -- What it puts in; null where it stays.
  name TEXT,
  id_kind TEXT,
  id_key TEXT,
  id_sealed TEXT,
  sex TEXT,
  born TEXT,
  phone_sealed TEXT,
  photo TEXT REFERENCES file (hash),
  -- What stood when it was agreed.
  name_before TEXT,
  id_kind_before TEXT,
  id_key_before TEXT,
  id_sealed_before TEXT,
  sex_before TEXT,
  born_before TEXT,
  phone_sealed_before TEXT,
  photo_before TEXT,
  reason TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  proposed_at BIGINT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_account BIGINT,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE INDEX candidate_change_batch ON candidate_change (batch, state);
CREATE INDEX candidate_change_candidate ON candidate_change (candidate);

-- Somebody of a roster whose condition the evidence does not show, put forward by the body and decided by the centre. Before it is
-- granted there is no candidate: nobody can arrange, examine or post the person. Or a candidate who no longer meets them.
CREATE TABLE eligibility_exception (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  upload BIGINT NOT NULL REFERENCES roster_upload (id),
  id_key TEXT NOT NULL,
  -- The row as JSON, sealed.
  person_sealed TEXT NOT NULL,
  -- What the check found wanting.
  lacks TEXT NOT NULL,
  -- open, granted, refused
  state TEXT NOT NULL,
  reason TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  put_on TEXT NOT NULL,
  put_by TEXT NOT NULL,
  due_on TEXT NOT NULL,
  decided_on TEXT,
  decided_by TEXT,
  decision TEXT,
  candidate BIGINT REFERENCES candidate (id)
);
CREATE INDEX eligibility_exception_batch ON eligibility_exception (batch, id);
CREATE INDEX eligibility_exception_open ON eligibility_exception (due_on) WHERE state = 'open';

-- Who of a batch no longer meets what the roster was checked for, since the batch was changed: checked anew with each change.
CREATE TABLE candidate_doubt (
  candidate BIGINT PRIMARY KEY REFERENCES candidate (id),
  batch BIGINT NOT NULL REFERENCES batch (id),
  reason TEXT NOT NULL,
  noted_on TEXT NOT NULL
);
CREATE INDEX candidate_doubt_batch ON candidate_doubt (batch);
