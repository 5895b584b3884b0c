-- Which rooms and groups of an arrangement somebody judges or watches, and lists of recordings that were sent.

-- Nobody of a part has one: its people are for the part as a whole. A session that was arranged anew is another one, so that its
-- people have to be said anew.
CREATE TABLE assignment_session (
  assignment BIGINT NOT NULL REFERENCES assignment (id),
  session BIGINT NOT NULL,
  PRIMARY KEY (assignment, session)
);
CREATE INDEX assignment_session_of ON assignment_session (session);

-- As the recorder or the folder calls the file; blank where nobody said it.
ALTER TABLE recording ADD COLUMN file_name TEXT NOT NULL DEFAULT '';

-- A list of recordings that was sent, what was read, kept and found.
CREATE TABLE recording_upload (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  noted BIGINT NOT NULL,
  -- What had been noted before.
  known BIGINT NOT NULL,
  faults BIGINT NOT NULL,
  -- JSON, sealed.
  findings TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX recording_upload_batch ON recording_upload (batch);
