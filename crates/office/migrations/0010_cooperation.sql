-- Four kinds of body: who was announced rather than applied, who cooperates with whom, and whom a batch examines.

-- applied: by the body itself; announced: entered by the department from what it has published.
ALTER TABLE filing ADD COLUMN origin TEXT NOT NULL DEFAULT 'applied';

CREATE TABLE announcement (
  filing BIGINT PRIMARY KEY REFERENCES filing (id),
  reference TEXT NOT NULL,
  announced_on TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  entered_on TEXT NOT NULL,
  entered_by TEXT NOT NULL
);

-- Whether the body asks for the public (三（四）), and whether the reviewer agrees.
ALTER TABLE filing_trade ADD COLUMN asks_public BIGINT NOT NULL DEFAULT 0;
ALTER TABLE filing_trade ADD COLUMN for_public BIGINT NOT NULL DEFAULT 0;

-- An agreement of an enterprise with a school (一（一）1), or the request of a school to an organisation (一（一）2).
CREATE TABLE cooperation (
  id BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  state TEXT NOT NULL,
  evaluator BIGINT NOT NULL REFERENCES body (id),
  school BIGINT NOT NULL REFERENCES body (id),
  by_school BIGINT NOT NULL,
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  signed_on TEXT NOT NULL,
  -- Occupations and levels, as JSON.
  scope TEXT NOT NULL,
  expected BIGINT NOT NULL,
  note TEXT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  file_name TEXT NOT NULL,
  proposed_on TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT,
  ended_on TEXT,
  ended_by TEXT,
  end_reason TEXT,
  version BIGINT NOT NULL
);
CREATE INDEX cooperation_evaluator ON cooperation (evaluator, id);
CREATE INDEX cooperation_school ON cooperation (school, id);

ALTER TABLE batch ADD COLUMN cooperation BIGINT REFERENCES cooperation (id);
-- own: the body's own students, or those of the school that it cooperates with; public: anyone (三（四）).
ALTER TABLE batch ADD COLUMN audience TEXT NOT NULL DEFAULT 'own';
CREATE INDEX batch_cooperation ON batch (cooperation, id);
