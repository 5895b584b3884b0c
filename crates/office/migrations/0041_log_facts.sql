-- The public log holds notices, publicity, reports, draws, rules and keys too. A subject may have several facts of one kind,
-- told apart by their turn. has_begun counts which groups of kinds have been put in from before: 1 certificates and the
-- directory, 2 these.

ALTER TABLE log_leaf ADD COLUMN turn BIGINT NOT NULL DEFAULT 0;
DROP INDEX log_leaf_subject;
CREATE UNIQUE INDEX log_leaf_subject ON log_leaf (kind, subject, turn);

-- A body's keys from the second on; the first follows from its filing number and has no row. A key that came into other hands
-- is reported by the row of its successor.
CREATE TABLE body_key (
  id BIGINT PRIMARY KEY,
  filing_number TEXT NOT NULL,
  generation BIGINT NOT NULL,
  -- The first day of issue of what it signs.
  from_on TEXT NOT NULL,
  -- Which key it replaces because that came into other hands, since when, and how far the public log had got by then.
  lost_generation BIGINT,
  lost_at BIGINT,
  log_size BIGINT,
  log_root TEXT,
  reason TEXT NOT NULL,
  set_on TEXT NOT NULL,
  set_by TEXT NOT NULL,
  seat_name TEXT NOT NULL
);
CREATE UNIQUE INDEX body_key_generation ON body_key (filing_number, generation);
