-- Numbers that no law sets, changed by the provincial centre from a day on (三（一）). Nothing is overwritten.

CREATE TABLE term_version (
  id BIGINT PRIMARY KEY,
  term TEXT NOT NULL,
  value BIGINT NOT NULL,
  from_on TEXT NOT NULL,
  reason TEXT NOT NULL,
  set_on TEXT NOT NULL,
  set_by TEXT NOT NULL,
  -- The office, by its name of then.
  seat_name TEXT NOT NULL
);
CREATE INDEX term_version_from ON term_version (from_on, id);
