-- What becomes of a certificate after its issue: corrected, issued anew, suspended, revoked, voided, each by two persons.

-- Since when it does not stand, why, and who agreed; empty while it is valid.
ALTER TABLE certificate RENAME COLUMN voided_on TO state_on;
ALTER TABLE certificate RENAME COLUMN void_reason TO state_reason;
ALTER TABLE certificate RENAME COLUMN voided_by TO state_by;
-- Which version this is, from 1; each has paper of its own.
ALTER TABLE certificate ADD COLUMN print_no BIGINT NOT NULL DEFAULT 1;

-- What the holder asks for, without an account.
CREATE TABLE certificate_request (
  id BIGINT PRIMARY KEY,
  receipt TEXT NOT NULL,
  certificate BIGINT NOT NULL REFERENCES certificate (id),
  -- correct, reissue
  kind TEXT NOT NULL,
  reason TEXT NOT NULL,
  contact_sealed TEXT NOT NULL,
  asked_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  -- open, done, declined
  state TEXT NOT NULL,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE UNIQUE INDEX certificate_request_receipt ON certificate_request (receipt);
CREATE INDEX certificate_request_certificate ON certificate_request (certificate);

CREATE TABLE certificate_change (
  id BIGINT PRIMARY KEY,
  certificate BIGINT NOT NULL REFERENCES certificate (id),
  body BIGINT NOT NULL REFERENCES body (id),
  -- correct, reissue, suspend, resume, revoke, void
  kind TEXT NOT NULL,
  -- proposed, agreed, declined, withdrawn
  state TEXT NOT NULL,
  -- What a correction puts in; empty where it stays.
  name TEXT,
  id_kind TEXT,
  id_key TEXT,
  id_sealed TEXT,
  photo TEXT REFERENCES file (hash),
  reason TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  certificate_request BIGINT REFERENCES certificate_request (id),
  proposed_at BIGINT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_account BIGINT,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE INDEX certificate_change_certificate ON certificate_change (certificate, id);
CREATE INDEX certificate_change_waiting ON certificate_change (body) WHERE state = 'proposed';

-- A version that was replaced, as it stood; its QR code leads here.
CREATE TABLE certificate_print (
  certificate BIGINT NOT NULL REFERENCES certificate (id),
  no BIGINT NOT NULL,
  token TEXT NOT NULL,
  name TEXT NOT NULL,
  id_kind TEXT NOT NULL,
  id_key TEXT NOT NULL,
  id_sealed TEXT NOT NULL,
  photo TEXT,
  replaced_on TEXT NOT NULL,
  certificate_change BIGINT NOT NULL REFERENCES certificate_change (id),
  PRIMARY KEY (certificate, no)
);
CREATE UNIQUE INDEX certificate_print_token ON certificate_print (token);
