-- Inspections of bodies, what was checked and found, and each turn of what has to be mended (二（二）2). Whether something is
-- open or overdue is not kept: it follows from the days.

CREATE TABLE inspection (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- daily, periodic, on_site, random
  kind TEXT NOT NULL,
  held_on TEXT NOT NULL,
  batch BIGINT REFERENCES batch (id),
  -- The draw by lot that it came from, where it came from one.
  draw BIGINT,
  note TEXT NOT NULL,
  -- The office that inspected, by code and by its name of then.
  office TEXT NOT NULL,
  office_name TEXT NOT NULL,
  recorded_on TEXT NOT NULL,
  recorded_by TEXT NOT NULL
);
CREATE INDEX inspection_body ON inspection (body, held_on, id);
CREATE INDEX inspection_held ON inspection (held_on, id);
CREATE INDEX inspection_batch ON inspection (batch);

CREATE TABLE inspection_inspector (
  inspection BIGINT NOT NULL REFERENCES inspection (id),
  no BIGINT NOT NULL,
  name TEXT NOT NULL,
  PRIMARY KEY (inspection, no)
);

-- What was checked, in the words of the list of that day.
CREATE TABLE inspection_check (
  inspection BIGINT NOT NULL REFERENCES inspection (id),
  no BIGINT NOT NULL,
  item TEXT NOT NULL,
  title TEXT NOT NULL,
  content TEXT NOT NULL,
  clause TEXT NOT NULL,
  PRIMARY KEY (inspection, no)
);

CREATE TABLE inspection_finding (
  id BIGINT PRIMARY KEY,
  inspection BIGINT NOT NULL REFERENCES inspection (id),
  no BIGINT NOT NULL,
  item TEXT NOT NULL,
  title TEXT NOT NULL,
  clause TEXT NOT NULL,
  what TEXT NOT NULL,
  -- What has to be done, and what shows that it was; blank where nothing was ordered.
  ordered TEXT NOT NULL,
  proof TEXT NOT NULL
);
CREATE UNIQUE INDEX inspection_finding_no ON inspection_finding (inspection, no);

CREATE TABLE rectification_turn (
  finding BIGINT NOT NULL REFERENCES inspection_finding (id),
  no BIGINT NOT NULL,
  due_on TEXT NOT NULL,
  answered_on TEXT,
  answered_by TEXT,
  answer TEXT,
  checked_on TEXT,
  checked_by TEXT,
  -- None until the office has looked again; 0 is followed by another turn.
  accepted BIGINT,
  reason TEXT,
  PRIMARY KEY (finding, no)
);
CREATE INDEX rectification_turn_open ON rectification_turn (accepted, due_on);

CREATE TABLE inspection_file (
  id BIGINT PRIMARY KEY,
  finding BIGINT NOT NULL REFERENCES inspection_finding (id),
  -- 0 for what shows the finding, otherwise the turn that it answers.
  turn BIGINT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL
);
CREATE INDEX inspection_file_finding ON inspection_file (finding, turn, id);

-- What a body was reminded of, once for each turn.
CREATE TABLE rectification_reminder (
  finding BIGINT NOT NULL,
  turn BIGINT NOT NULL,
  -- soon, overdue
  what TEXT NOT NULL,
  told_on TEXT NOT NULL,
  PRIMARY KEY (finding, turn, what)
);
