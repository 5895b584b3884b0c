-- 三（一）: the register of experts becomes one of everyone who judges, persons with their cards; who is assigned to a batch.

CREATE TABLE register_person (
  id BIGINT PRIMARY KEY,
  name TEXT NOT NULL,
  employer TEXT NOT NULL,
  -- The body of that name, where the employer is one.
  body BIGINT REFERENCES body (id),
  -- The department above the employer; blank where none was said.
  superior TEXT NOT NULL,
  title TEXT NOT NULL,
  -- Sealed; blank without one.
  phone TEXT NOT NULL,
  entered_on TEXT NOT NULL
);
CREATE INDEX register_person_named ON register_person (name, employer);
CREATE INDEX register_person_body ON register_person (body, id);

INSERT INTO register_person (id, name, employer, body, superior, title, phone, entered_on)
  SELECT e.id, e.name, e.employer, (SELECT MIN(b.id) FROM body b WHERE b.name = e.employer), e.superior, e.title, e.phone, e.entered_on FROM expert e;

-- What a person avoids: a body, one of its classes where class is not blank, or a candidate by the keyed hash of the
-- number, of which only the masked form is shown.
CREATE TABLE person_tie (
  person BIGINT NOT NULL REFERENCES register_person (id),
  no BIGINT NOT NULL,
  body BIGINT REFERENCES body (id),
  class TEXT NOT NULL,
  id_key TEXT NOT NULL,
  shown TEXT NOT NULL,
  relation TEXT NOT NULL,
  PRIMARY KEY (person, no)
);
CREATE INDEX person_tie_key ON person_tie (id_key);

INSERT INTO person_tie (person, no, body, class, id_key, shown, relation)
  SELECT t.expert, ROW_NUMBER() OVER (PARTITION BY t.expert ORDER BY t.body), t.body, '', '', '', t.relation FROM expert_tie t;
DROP TABLE expert_tie;

-- What is left of an expert is the card.
ALTER TABLE expert RENAME TO card;
ALTER TABLE card ADD COLUMN person BIGINT REFERENCES register_person (id);
ALTER TABLE card ADD COLUMN kind TEXT NOT NULL DEFAULT 'expert';
ALTER TABLE card ADD COLUMN issued_on TEXT;
UPDATE card SET person = id;
CREATE INDEX card_person ON card (person);
CREATE INDEX card_kind ON card (kind, card_valid_until);

-- Every validity that a card has had, the last one in force.
CREATE TABLE card_term (
  card BIGINT NOT NULL REFERENCES card (id),
  no BIGINT NOT NULL,
  issued_on TEXT,
  valid_until TEXT NOT NULL,
  entered_on TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  PRIMARY KEY (card, no)
);
INSERT INTO card_term (card, no, issued_on, valid_until, entered_on, entered_by)
  SELECT id, 1, NULL, card_valid_until, entered_on, '' FROM card;

CREATE TABLE card_suspension (
  card BIGINT NOT NULL REFERENCES card (id),
  no BIGINT NOT NULL,
  suspended_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  suspended_by TEXT NOT NULL,
  lifted_on TEXT,
  lifted_reason TEXT,
  lifted_by TEXT,
  PRIMARY KEY (card, no)
);
INSERT INTO card_suspension (card, no, suspended_on, reason, suspended_by)
  SELECT id, 1, suspended_on, COALESCE(suspended_reason, ''), '' FROM card WHERE suspended_on IS NOT NULL;

-- What a centre has found of somebody, of a batch or without one.
CREATE TABLE card_finding (
  id BIGINT PRIMARY KEY,
  card BIGINT NOT NULL REFERENCES card (id),
  batch BIGINT REFERENCES batch (id),
  finding TEXT NOT NULL,
  found_on TEXT NOT NULL,
  found_by TEXT NOT NULL,
  seat TEXT NOT NULL
);
CREATE INDEX card_finding_of ON card_finding (card, id);

ALTER TABLE card DROP COLUMN name;
ALTER TABLE card DROP COLUMN employer;
ALTER TABLE card DROP COLUMN superior;
ALTER TABLE card DROP COLUMN title;
ALTER TABLE card DROP COLUMN phone;
ALTER TABLE card DROP COLUMN suspended_on;
ALTER TABLE card DROP COLUMN suspended_reason;

ALTER TABLE expert_trade RENAME TO card_trade;
ALTER TABLE card_trade RENAME COLUMN expert TO card;
CREATE INDEX card_trade_code ON card_trade (code, card);
ALTER TABLE expert_upload RENAME TO card_upload;

-- Who examines a batch, as they were when they were assigned; who was replaced stays with the reason.
CREATE TABLE assignment (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  duty TEXT NOT NULL,
  -- Blank for inspectors, who see to the whole batch.
  part TEXT NOT NULL,
  -- None for invigilators without one.
  card BIGINT REFERENCES card (id),
  name TEXT NOT NULL,
  employer TEXT NOT NULL,
  card_number TEXT NOT NULL,
  -- Whether the body declared that they teach the candidates.
  teaches BIGINT NOT NULL,
  place BIGINT NOT NULL,
  assigned_on TEXT NOT NULL,
  assigned_by TEXT NOT NULL,
  ended_on TEXT,
  ended_by TEXT,
  ended_reason TEXT
);
CREATE INDEX assignment_batch ON assignment (batch, ended_on);
CREATE INDEX assignment_card ON assignment (card, batch);

-- How many candidates are assessed at a time; all of them where nothing was said.
ALTER TABLE batch ADD COLUMN at_once BIGINT;
