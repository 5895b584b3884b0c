-- What was told of a batch, version by version; putting it off; its centre's stop; the yearly work plan that it follows.

CREATE TABLE batch_version (
  batch BIGINT NOT NULL REFERENCES batch (id),
  no BIGINT NOT NULL,
  -- notified, changed, postponed
  kind TEXT NOT NULL,
  told_on TEXT NOT NULL,
  told_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  -- Whether the ten working days count from this notice.
  counted BIGINT NOT NULL,
  code TEXT NOT NULL,
  trade TEXT NOT NULL,
  work_type TEXT NOT NULL,
  level TEXT NOT NULL,
  standard TEXT NOT NULL,
  starts_on TEXT NOT NULL,
  ends_on TEXT NOT NULL,
  theory_on TEXT NOT NULL,
  practical_on TEXT NOT NULL,
  comprehensive_on TEXT,
  theory_place TEXT NOT NULL,
  practical_place TEXT NOT NULL,
  expected BIGINT NOT NULL,
  plan TEXT NOT NULL,
  plan_file TEXT,
  responsible TEXT NOT NULL,
  audience TEXT NOT NULL,
  cooperation BIGINT,
  PRIMARY KEY (batch, no)
);

INSERT INTO batch_version (batch, no, kind, told_on, told_by, reason, counted, code, trade, work_type, level, standard, starts_on, ends_on, theory_on, practical_on, comprehensive_on, theory_place, practical_place, expected, plan, plan_file, responsible, audience, cooperation)
SELECT id, 1, 'notified', notified_on, '', '', 1, code, trade, work_type, level, standard, starts_on, ends_on, theory_on, practical_on, comprehensive_on, theory_place, practical_place, expected, plan, plan_file, responsible, audience, cooperation FROM batch;

ALTER TABLE batch ADD COLUMN stopped_on TEXT;

CREATE TABLE batch_stop (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  stopped_on TEXT NOT NULL,
  stopped_by TEXT NOT NULL,
  reason TEXT NOT NULL,
  lifted_on TEXT,
  lifted_by TEXT,
  lift_reason TEXT,
  -- Whether the centre ended the batch instead of letting it go on.
  ended BIGINT NOT NULL DEFAULT 0
);
CREATE INDEX batch_stop_batch ON batch_stop (batch, id);

CREATE TABLE year_plan (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  year BIGINT NOT NULL,
  no BIGINT NOT NULL,
  published_on TEXT NOT NULL,
  published_by TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE UNIQUE INDEX year_plan_no ON year_plan (body, year, no);

CREATE TABLE year_plan_row (
  plan BIGINT NOT NULL REFERENCES year_plan (id),
  no BIGINT NOT NULL,
  code TEXT NOT NULL,
  trade TEXT NOT NULL,
  work_type TEXT NOT NULL,
  level TEXT NOT NULL,
  expected BIGINT NOT NULL,
  -- Numbers of months with a comma between: 3,4,11.
  months TEXT NOT NULL,
  PRIMARY KEY (plan, no)
);

-- The board asks for the open batches of each body. Without it PostgreSQL reads all open batches once for each body.
CREATE INDEX batch_body_stage ON batch (body, stage, id);
