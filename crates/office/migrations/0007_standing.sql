-- How long a body stays: changes, renewals, reminders; batches that stand still because the pilot was stopped.

CREATE TABLE body_change (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  matter TEXT NOT NULL,
  before_value TEXT NOT NULL,
  value TEXT NOT NULL,
  reason TEXT NOT NULL,
  file TEXT REFERENCES file (hash),
  file_name TEXT NOT NULL,
  -- told, submitted, approved, refused
  state TEXT NOT NULL,
  told_on TEXT NOT NULL,
  due_on TEXT,
  told_by TEXT NOT NULL,
  decided_on TEXT,
  decided_by TEXT,
  decision_reason TEXT
);
CREATE INDEX body_change_body ON body_change (body, id);
CREATE INDEX body_change_state ON body_change (state, id);

CREATE TABLE renewal (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  listing BIGINT NOT NULL REFERENCES listing (id),
  -- applied, evaluated, renewed, refused
  state TEXT NOT NULL,
  until_before TEXT NOT NULL,
  statement TEXT NOT NULL,
  batches BIGINT NOT NULL,
  applied_on TEXT NOT NULL,
  applied_by TEXT NOT NULL,
  passed BIGINT,
  opinion TEXT,
  evaluated_on TEXT,
  evaluated_by TEXT,
  decision TEXT,
  decided_on TEXT,
  decided_by TEXT,
  until_after TEXT
);
CREATE INDEX renewal_body ON renewal (body, id);
CREATE INDEX renewal_state ON renewal (state, id);

-- What a body was reminded of, once for each end that it was reminded of.
CREATE TABLE reminder (
  listing BIGINT NOT NULL REFERENCES listing (id),
  -- The occupation that is idle; blank for the whole entry.
  code TEXT NOT NULL,
  what TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  told_on TEXT NOT NULL,
  PRIMARY KEY (listing, code, what, ends_on)
);

ALTER TABLE batch ADD COLUMN frozen_on TEXT;
ALTER TABLE batch ADD COLUMN frozen_reason TEXT;
