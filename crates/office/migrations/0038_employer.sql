-- Who employs and has an account: an office of its own kind, let in by the provincial centre.
CREATE TABLE employer (
  office TEXT PRIMARY KEY REFERENCES office (code),
  uscc TEXT NOT NULL UNIQUE,
  reason TEXT NOT NULL,
  entered_on TEXT NOT NULL,
  entered_by TEXT NOT NULL
);

-- A list that an employer had checked: what it came to, sealed, and empty once its time is over.
CREATE TABLE certificate_check (
  id BIGINT PRIMARY KEY,
  office TEXT NOT NULL REFERENCES employer (office),
  name TEXT NOT NULL,
  checked_on TEXT NOT NULL,
  checked_by TEXT NOT NULL,
  rows_read BIGINT NOT NULL,
  rows_valid BIGINT NOT NULL,
  kept_until TEXT NOT NULL,
  result_sealed TEXT NOT NULL
);
CREATE INDEX certificate_check_office ON certificate_check (office, id);
CREATE INDEX certificate_check_kept ON certificate_check (kept_until) WHERE result_sealed <> '';

-- By which digest a version of a certificate stands in the index that employers keep; slow to make, so made once.
CREATE TABLE certificate_index (
  certificate BIGINT PRIMARY KEY REFERENCES certificate (id),
  print_no BIGINT NOT NULL,
  digest TEXT NOT NULL
);
