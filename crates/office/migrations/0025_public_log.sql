-- The public log: what stands in it, its tiles, and its head. A leaf is written in the transaction of its fact and waits
-- until the sealer gives it its place.

CREATE TABLE log_leaf (
  id BIGINT PRIMARY KEY,
  kind TEXT NOT NULL,
  -- Which record it commits to: a certificate's id, the number of a change of the directory.
  subject BIGINT NOT NULL,
  -- 32 hexadecimal digits; with it and the record anyone can make the commitment again.
  salt TEXT NOT NULL,
  commitment TEXT NOT NULL,
  at BIGINT NOT NULL,
  -- From 0, without a gap; blank while it waits.
  position BIGINT
);
CREATE UNIQUE INDEX log_leaf_position ON log_leaf (position);
CREATE UNIQUE INDEX log_leaf_subject ON log_leaf (kind, subject);
CREATE UNIQUE INDEX log_leaf_commitment ON log_leaf (commitment);
CREATE INDEX log_leaf_waiting ON log_leaf (id) WHERE position IS NULL;

CREATE TABLE log_tile (
  level BIGINT NOT NULL,
  place BIGINT NOT NULL,
  -- 64 hexadecimal digits for each hash, at most 256 of them; a hash never changes, more are added behind.
  hashes TEXT NOT NULL,
  PRIMARY KEY (level, place)
);

CREATE TABLE log_head (
  id BIGINT PRIMARY KEY,
  -- How many leaves have their place, and the root over them.
  size BIGINT NOT NULL,
  root TEXT NOT NULL,
  -- The checkpoint that was published last, signed, and its size; blank before the first.
  note TEXT NOT NULL,
  note_size BIGINT NOT NULL,
  -- Whether what was there before the log has been put on its way.
  has_begun BIGINT NOT NULL,
  leased_by TEXT NOT NULL,
  leased_until BIGINT NOT NULL
);
INSERT INTO log_head (id, size, root, note, note_size, has_begun, leased_by, leased_until)
  VALUES (1, 0, 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855', '', 0, 0, '', 0);
