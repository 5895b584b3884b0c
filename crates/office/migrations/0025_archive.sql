-- The archive of a batch: what lies in the body's cupboard or was scanned, the closed list, and who opened it.

-- A piece that arose on paper: where it lies, or its scan.
CREATE TABLE archive_piece (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  made_on TEXT NOT NULL,
  -- Both blank for a scan.
  place TEXT NOT NULL,
  shelf TEXT NOT NULL,
  -- 0 for a scan.
  pages BIGINT NOT NULL,
  file TEXT REFERENCES file (hash),
  file_name TEXT NOT NULL,
  -- Why it was entered after the archive was closed; blank before.
  reason TEXT NOT NULL,
  entered_on TEXT NOT NULL,
  entered_by TEXT NOT NULL,
  is_supplement BIGINT NOT NULL
);
CREATE INDEX archive_piece_batch ON archive_piece (batch, id);

-- An archive that was closed: its list is a file that never changes, and the hash of that file its digest.
CREATE TABLE archive (
  batch BIGINT PRIMARY KEY REFERENCES batch (id),
  list TEXT NOT NULL REFERENCES file (hash),
  entries BIGINT NOT NULL,
  -- Why pieces are missing.
  note TEXT NOT NULL,
  closed_on TEXT NOT NULL,
  closed_at BIGINT NOT NULL,
  closed_by TEXT NOT NULL
);

-- Who opened the archive, when and why; with the piece where it was one.
CREATE TABLE archive_opening (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  piece BIGINT,
  reason TEXT NOT NULL,
  opened_on TEXT NOT NULL,
  opened_at BIGINT NOT NULL,
  account BIGINT,
  opened_by TEXT NOT NULL,
  seat TEXT NOT NULL
);
CREATE INDEX archive_opening_batch ON archive_opening (batch, id);
