-- What came of each upload of photos, so that it can be read again and taken away.
CREATE TABLE photo_upload (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  file TEXT NOT NULL REFERENCES file (hash),
  pictures BIGINT NOT NULL,
  taken BIGINT NOT NULL,
  same BIGINT NOT NULL,
  faults BIGINT NOT NULL,
  -- Sealed: pictures are named by identity numbers.
  found TEXT NOT NULL,
  at BIGINT NOT NULL,
  account_name TEXT NOT NULL
);
CREATE INDEX photo_upload_batch ON photo_upload (batch, id);
