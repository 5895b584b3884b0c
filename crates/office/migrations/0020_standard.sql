-- What a standard says otherwise than usual (一（四）): for one level, or for all where the level is blank; what was set later
-- for the same level counts whole from its day on.
CREATE TABLE standard_rule (
  id BIGINT PRIMARY KEY,
  code TEXT NOT NULL,
  -- As people cite it, with its edition.
  standard TEXT NOT NULL,
  level TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  -- JSON: the values by key; keys that are not there are the usual.
  rule_values TEXT NOT NULL,
  source TEXT NOT NULL,
  set_on TEXT NOT NULL,
  set_by TEXT NOT NULL
);
CREATE INDEX standard_rule_of ON standard_rule (standard, code, id);
-- JSON: the rules that a batch is examined by, as they were when it was notified; none in batches of before.
ALTER TABLE batch ADD COLUMN rules TEXT;
