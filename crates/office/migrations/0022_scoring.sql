-- 一（四）, 一（五）1: rubrics of standards, the one that each batch keeps, what each assessor gave, and what the head of the group
-- made of it.

CREATE TABLE standard_rubric (
  id BIGINT PRIMARY KEY,
  code TEXT NOT NULL,
  -- As people cite it, with its edition.
  standard TEXT NOT NULL,
  -- Blank: for every level.
  level TEXT NOT NULL,
  part TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  -- JSON: code, title, points, whether it is key. Empty: what was set before is taken back.
  items TEXT NOT NULL,
  source TEXT NOT NULL,
  set_on TEXT NOT NULL,
  set_by TEXT NOT NULL
);
CREATE INDEX standard_rubric_of ON standard_rubric (standard, code, id);

-- The rubric that was in force when a batch was notified; a part without one is judged as a whole.
CREATE TABLE batch_rubric (
  batch BIGINT NOT NULL REFERENCES batch (id),
  part TEXT NOT NULL,
  items TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (batch, part)
);

-- The sheet of one assessor: of one assignment, which names the batch and the part.
CREATE TABLE assessor_sheet (
  assignment BIGINT PRIMARY KEY REFERENCES assignment (id),
  handed_in_at BIGINT,
  handed_in_by TEXT,
  -- The signed sheet, scanned.
  file TEXT REFERENCES file (hash),
  file_name TEXT NOT NULL,
  -- How often it was given back, and why the last time.
  returns BIGINT NOT NULL,
  return_reason TEXT NOT NULL
);

-- What one assessor gave one candidate.
CREATE TABLE assessor_score (
  assignment BIGINT NOT NULL REFERENCES assignment (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  -- JSON: points by item in tenths, or a word.
  given TEXT NOT NULL,
  changes BIGINT NOT NULL,
  entered_at BIGINT NOT NULL,
  entered_by TEXT NOT NULL,
  -- Nothing where the assessor entered it, by the code of the station.
  entered_account BIGINT,
  PRIMARY KEY (assignment, candidate)
);
CREATE INDEX assessor_score_candidate ON assessor_score (candidate);

-- What the head of the group made of the scores of a candidate: mean and spread in tenths of a point.
CREATE TABLE score_merge (
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  mean BIGINT,
  spread BIGINT NOT NULL,
  -- Why the assessors were far apart, where they were.
  reason TEXT NOT NULL,
  -- Who had no sheet, and why.
  missing_reason TEXT NOT NULL,
  -- Whose decision it was, and who wrote it down.
  group_head TEXT NOT NULL,
  merged_at BIGINT NOT NULL,
  merged_by TEXT NOT NULL,
  PRIMARY KEY (candidate, part)
);

-- The code with which an assessor enters the own scores at the station, kept as its keyed hash; the latest counts.
CREATE TABLE station_code (
  code_key TEXT PRIMARY KEY,
  assignment BIGINT NOT NULL REFERENCES assignment (id),
  -- What the code follows from, beside the house's key and the assignment: another one each time.
  issue BIGINT NOT NULL,
  issued_by TEXT NOT NULL,
  -- The last day on which it opens anything.
  valid_until TEXT NOT NULL
);
CREATE INDEX station_code_assignment ON station_code (assignment);
