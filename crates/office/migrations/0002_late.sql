-- What a report held and what the centre decided in it stay with the report; a person may be given up.

CREATE TABLE report_person (
  report BIGINT NOT NULL REFERENCES report (id),
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  review TEXT,
  review_reason TEXT,
  reviewed_on TEXT,
  reviewed_by TEXT,
  PRIMARY KEY (report, candidate)
);
CREATE INDEX report_person_candidate ON report_person (candidate);
INSERT INTO report_person (report, candidate, review, review_reason, reviewed_on, reviewed_by)
  SELECT report, id, review, CASE WHEN review = 'returned' THEN review_reason END, reviewed_on, reviewed_by
  FROM candidate WHERE report IS NOT NULL;

-- The body neither reports the person any more nor issues to them.
ALTER TABLE candidate ADD COLUMN given_up_on TEXT;
ALTER TABLE candidate ADD COLUMN given_up_reason TEXT;
ALTER TABLE candidate ADD COLUMN given_up_by TEXT;

-- A person whose certificate was voided has none.
UPDATE candidate SET certificate = NULL WHERE certificate IN (SELECT id FROM certificate WHERE state = 'void');
