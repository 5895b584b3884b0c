-- Marks checked by a second person, changed by two, kept for a make-up, looked at again; and what may stand in for an examination.

-- A scheme that the centre approved beforehand: the final examination of a course instead of theory (一（五）2), or the assessment
-- of the process in a pilot major (一（五）3).
CREATE TABLE scheme (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- course, process
  kind TEXT NOT NULL,
  -- proposed, approved, declined
  state TEXT NOT NULL,
  code TEXT NOT NULL,
  trade TEXT NOT NULL,
  level TEXT NOT NULL,
  -- The course, or the major.
  subject TEXT NOT NULL,
  exam TEXT NOT NULL,
  mapping TEXT NOT NULL,
  -- JSON; empty for a course.
  modules TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  decided_on TEXT,
  decided_by TEXT,
  decision TEXT
);
CREATE INDEX scheme_body ON scheme (body, id);

-- Majors under the integrated curriculum, as the provincial centre keeps the list.
CREATE TABLE pilot_major (
  body BIGINT NOT NULL REFERENCES body (id),
  code TEXT NOT NULL,
  name TEXT NOT NULL,
  document TEXT NOT NULL,
  since_on TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  PRIMARY KEY (body, code)
);

ALTER TABLE batch ADD COLUMN scheme BIGINT REFERENCES scheme (id);

-- Who entered a mark; unknown for what was entered before.
ALTER TABLE mark ADD COLUMN entered_account BIGINT;
ALTER TABLE mark ADD COLUMN confirmed_at BIGINT;
ALTER TABLE mark ADD COLUMN confirmed_by TEXT;
-- looked, twice, amended, kept
ALTER TABLE mark ADD COLUMN confirmed_how TEXT;
-- The second entry, typed without looking at the first.
ALTER TABLE mark ADD COLUMN again_outcome TEXT;
ALTER TABLE mark ADD COLUMN again_score DOUBLE PRECISION;
ALTER TABLE mark ADD COLUMN again_account BIGINT;
ALTER TABLE mark ADD COLUMN again_by TEXT;
-- The candidate of the earlier batch out of which the mark is kept.
ALTER TABLE mark ADD COLUMN kept_from BIGINT REFERENCES candidate (id);
-- The day on which it was reached, where that is not the day of the batch: a kept mark, a course.
ALTER TABLE mark ADD COLUMN reached_on TEXT;
ALTER TABLE mark ADD COLUMN scheme BIGINT REFERENCES scheme (id);
-- What it rests on by the scheme, as JSON: paper and approver, or the marks of the modules.
ALTER TABLE mark ADD COLUMN basis TEXT;

-- Every value that a mark has had, from the first (0) to the one that stands.
CREATE TABLE mark_step (
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  no BIGINT NOT NULL,
  outcome TEXT NOT NULL,
  score DOUBLE PRECISION,
  source TEXT NOT NULL,
  file TEXT REFERENCES file (hash),
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL,
  -- The change of a confirmed mark by which it came.
  mark_change BIGINT,
  PRIMARY KEY (candidate, part, no)
);
INSERT INTO mark_step (candidate, part, no, outcome, score, source, file, at, account_name)
  SELECT candidate, part, changes, outcome, score, source, file, entered_at, entered_by FROM mark;

-- A candidate's request to look again whether something was missed, added up or written down wrongly.
CREATE TABLE mark_review (
  id BIGINT PRIMARY KEY,
  receipt TEXT NOT NULL,
  batch BIGINT NOT NULL REFERENCES batch (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  -- missed, addition, entry
  scope TEXT NOT NULL,
  reason TEXT NOT NULL,
  contact_sealed TEXT NOT NULL,
  asked_on TEXT NOT NULL,
  due_on TEXT NOT NULL,
  -- open, unchanged, changed
  state TEXT NOT NULL,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE UNIQUE INDEX mark_review_receipt ON mark_review (receipt);
CREATE INDEX mark_review_batch ON mark_review (batch, state);

-- A change of a confirmed mark: proposed by one with reason and evidence, agreed by another.
CREATE TABLE mark_change (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  -- proposed, agreed, declined, withdrawn
  state TEXT NOT NULL,
  outcome_before TEXT NOT NULL,
  score_before DOUBLE PRECISION,
  outcome TEXT NOT NULL,
  score DOUBLE PRECISION,
  reason TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  mark_review BIGINT REFERENCES mark_review (id),
  objection BIGINT REFERENCES objection (id),
  proposed_at BIGINT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_account BIGINT,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT
);
CREATE INDEX mark_change_batch ON mark_change (batch, state);
CREATE INDEX mark_change_candidate ON mark_change (candidate, part);

-- A result that was changed after posting stands on public notice for its own five working days.
CREATE TABLE publicity_correction (
  mark_change BIGINT PRIMARY KEY REFERENCES mark_change (id),
  batch BIGINT NOT NULL REFERENCES batch (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  no BIGINT NOT NULL,
  marks TEXT NOT NULL,
  verdict TEXT NOT NULL,
  posted_on TEXT NOT NULL,
  first_on TEXT NOT NULL,
  ends_on TEXT NOT NULL
);
CREATE INDEX publicity_correction_candidate ON publicity_correction (candidate);
CREATE INDEX publicity_correction_batch ON publicity_correction (batch);
-- The change that carried an upheld objection out: from then on it holds nobody.
ALTER TABLE objection ADD COLUMN mark_change BIGINT REFERENCES mark_change (id);

-- What the list says beside a mark: kept, or reached by a scheme.
ALTER TABLE publicity_row ADD COLUMN notes TEXT;
