-- What was reported of each person (二（二）3), as JSON, and SHA-256 over all of it; none in reports of before.
ALTER TABLE report ADD COLUMN digest TEXT;
ALTER TABLE report_person ADD COLUMN line TEXT;
-- Every word of a centre on a person of a report (二（二）4), counted from 1; the last one stands.
CREATE TABLE review_word (
  report BIGINT NOT NULL REFERENCES report (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  no BIGINT NOT NULL,
  -- `approve`, `return`, `hold`.
  word TEXT NOT NULL,
  reason TEXT,
  at BIGINT NOT NULL,
  account BIGINT,
  account_name TEXT NOT NULL,
  PRIMARY KEY (report, candidate, no)
);
CREATE INDEX review_word_of ON review_word (candidate);
-- Random samples of a report, each with the whole draw, so that anyone can draw again.
CREATE TABLE review_sample (
  report BIGINT NOT NULL REFERENCES report (id),
  no BIGINT NOT NULL,
  draw TEXT NOT NULL,
  drawn_at BIGINT NOT NULL,
  drawn_by TEXT NOT NULL,
  PRIMARY KEY (report, no)
);
-- Whoever has the same photo as somebody else is found by it.
CREATE INDEX candidate_photo ON candidate (photo);
-- Who has looked at everything behind a person.
CREATE INDEX sight_subject ON sight (subject, subject_id);
