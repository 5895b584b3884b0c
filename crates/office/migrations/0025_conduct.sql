-- The day of the examination: rooms that began and ended, who was there, who signed in, who was absent.

-- A session as it was held. It says what it was, so that it stays to be read when a batch is put off and arranged anew.
CREATE TABLE conduct (
  session BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  part TEXT NOT NULL,
  held_on TEXT NOT NULL,
  room TEXT NOT NULL,
  -- To the minute: 08:30.
  began TEXT NOT NULL,
  -- Minutes after the time that was arranged, and why.
  late BIGINT NOT NULL,
  late_reason TEXT NOT NULL,
  began_at BIGINT NOT NULL,
  began_by TEXT NOT NULL,
  ended TEXT,
  note TEXT NOT NULL,
  ended_at BIGINT,
  ended_by TEXT
);
CREATE INDEX conduct_batch ON conduct (batch);

-- Who of those assigned was there when a session began.
CREATE TABLE conduct_staff (
  session BIGINT NOT NULL REFERENCES conduct (session),
  assignment BIGINT NOT NULL REFERENCES assignment (id),
  PRIMARY KEY (session, assignment)
);

CREATE TABLE attendance (
  session BIGINT NOT NULL,
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  batch BIGINT NOT NULL REFERENCES batch (id),
  part TEXT NOT NULL,
  -- present, absent
  state TEXT NOT NULL,
  -- When somebody came, to the minute.
  came TEXT,
  -- list, ticket, end, correction
  how TEXT NOT NULL,
  noted_at BIGINT NOT NULL,
  noted_by TEXT NOT NULL,
  PRIMARY KEY (session, candidate)
);
CREATE INDEX attendance_batch ON attendance (batch);

-- A correction of a sign-in after the end: proposed by one, agreed by another.
CREATE TABLE attendance_change (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  session BIGINT NOT NULL,
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  after_state TEXT NOT NULL,
  came TEXT,
  reason TEXT NOT NULL,
  -- proposed, agreed, declined, withdrawn
  state TEXT NOT NULL,
  proposed_at BIGINT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_account BIGINT,
  answered_at BIGINT,
  answered_by TEXT,
  answer_reason TEXT
);
CREATE INDEX attendance_change_batch ON attendance_change (batch);
