-- What the day of an examination brings beside its plain course: incidents, violations, deferrals, recordings, rooms that the
-- centre stopped, what was found at the site, and sign-in lists that were sent. Whether something is open, covered or late is not
-- kept: it follows from these rows and from the days.

CREATE TABLE incident (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  -- The room is named, so that it stays to be read when a batch is arranged anew.
  session BIGINT NOT NULL,
  part TEXT NOT NULL,
  room TEXT NOT NULL,
  -- equipment, power, paper, leak, health, disorder, recording, other
  kind TEXT NOT NULL,
  -- note, persons, room, leak
  effect TEXT NOT NULL,
  -- To the minute: 09:10.
  happened TEXT NOT NULL,
  what TEXT NOT NULL,
  noted_on TEXT NOT NULL,
  noted_at BIGINT NOT NULL,
  noted_by TEXT NOT NULL,
  noted_account BIGINT,
  -- stands, time_added, again; none while it is open.
  outcome TEXT,
  outcome_reason TEXT,
  closed_at BIGINT,
  closed_by TEXT
);
CREATE INDEX incident_batch ON incident (batch);

-- Whom it touches, where it touches some.
CREATE TABLE incident_person (
  incident BIGINT NOT NULL REFERENCES incident (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  PRIMARY KEY (incident, candidate)
);

CREATE TABLE violation (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  -- cheating, impersonation, disorder, forbidden, safety, overtime, other
  kind TEXT NOT NULL,
  what TEXT NOT NULL,
  reported_on TEXT NOT NULL,
  reported_at BIGINT NOT NULL,
  reported_by TEXT NOT NULL,
  reported_account BIGINT,
  -- What the candidate said, or how they declined to.
  statement TEXT,
  heard_at BIGINT,
  heard_by TEXT,
  -- dismissed, warned, part, batch; none while it is not decided.
  effect TEXT,
  decision TEXT,
  decided_at BIGINT,
  decided_by TEXT
);
CREATE INDEX violation_batch ON violation (batch);

CREATE TABLE deferral (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  -- Blank for every part.
  part TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- asked, agreed, declined, withdrawn
  state TEXT NOT NULL,
  asked_on TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  asked_by TEXT NOT NULL,
  asked_account BIGINT,
  answered_at BIGINT,
  answered_by TEXT,
  answer_reason TEXT
);
CREATE INDEX deferral_batch ON deferral (batch);

CREATE TABLE recording (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  session BIGINT NOT NULL,
  room TEXT NOT NULL,
  held_on TEXT NOT NULL,
  camera TEXT NOT NULL,
  -- To the minute, on the day of the session.
  begins TEXT NOT NULL,
  ends TEXT NOT NULL,
  -- SHA-256 of the file; blank where only its place is known.
  digest TEXT NOT NULL,
  address TEXT NOT NULL,
  kept_until TEXT NOT NULL,
  noted_at BIGINT NOT NULL,
  noted_by TEXT NOT NULL,
  -- Why it was noted wrongly; such a recording covers nothing.
  void_reason TEXT,
  void_at BIGINT,
  void_by TEXT
);
CREATE INDEX recording_batch ON recording (batch);

-- One room that the centre stopped, until it is lifted or its candidates are put off.
CREATE TABLE room_stop (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  session BIGINT NOT NULL,
  room TEXT NOT NULL,
  reason TEXT NOT NULL,
  stopped_at BIGINT NOT NULL,
  stopped_by TEXT NOT NULL,
  lifted_at BIGINT,
  lifted_by TEXT,
  lift_reason TEXT,
  -- 1 where its candidates sit again.
  is_again BIGINT
);
CREATE INDEX room_stop_batch ON room_stop (batch);

CREATE TABLE site_note (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  session BIGINT,
  room TEXT NOT NULL,
  what TEXT NOT NULL,
  office TEXT NOT NULL,
  office_name TEXT NOT NULL,
  noted_on TEXT NOT NULL,
  noted_at BIGINT NOT NULL,
  noted_by TEXT NOT NULL
);
CREATE INDEX site_note_batch ON site_note (batch);

-- What shows a violation, goes with a statement or a deferral, or was photographed at the site.
CREATE TABLE day_file (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  -- violation, statement, deferral, site
  about TEXT NOT NULL,
  about_id BIGINT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL
);
CREATE INDEX day_file_batch ON day_file (batch);

-- A sign-in list that was sent, what was read, kept and found.
CREATE TABLE arrival_upload (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  session BIGINT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  arrived BIGINT NOT NULL,
  -- Who had been signed in before.
  known BIGINT NOT NULL,
  faults BIGINT NOT NULL,
  -- JSON, sealed.
  findings TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX arrival_upload_session ON arrival_upload (session);
CREATE INDEX arrival_upload_batch ON arrival_upload (batch);
