-- The directory in two times. A version holds from valid_from to valid_until and is known from the change that opened it
-- until the change that closed it; changes are numbered without gaps in the order in which they were made known.

CREATE TABLE listing_change (
  seq BIGINT PRIMARY KEY,
  listing BIGINT NOT NULL REFERENCES listing (id),
  kind TEXT NOT NULL,
  effective_on TEXT NOT NULL,
  recorded_on TEXT NOT NULL,
  recorded_at BIGINT NOT NULL,
  clause TEXT NOT NULL,
  -- One sentence for everyone.
  what TEXT NOT NULL,
  -- The reference of the decision; blank without one.
  document TEXT NOT NULL,
  filing BIGINT REFERENCES filing (id),
  seat TEXT NOT NULL,
  -- SHA-256 over the digest of the change before and this change as it is published: who keeps one can tell whether
  -- anything before it was altered.
  digest TEXT NOT NULL
);
CREATE INDEX listing_change_known ON listing_change (recorded_on, seq);
CREATE INDEX listing_change_listing ON listing_change (listing, seq);

CREATE TABLE listing_term (
  id BIGINT PRIMARY KEY,
  listing BIGINT NOT NULL REFERENCES listing (id),
  name TEXT NOT NULL,
  county TEXT NOT NULL,
  address TEXT NOT NULL,
  responsible TEXT NOT NULL,
  centre TEXT NOT NULL REFERENCES office (code),
  valid_from TEXT NOT NULL,
  valid_until TEXT NOT NULL,
  opened BIGINT NOT NULL REFERENCES listing_change (seq),
  closed BIGINT REFERENCES listing_change (seq)
);
CREATE INDEX listing_term_listing ON listing_term (listing, closed, valid_from);

ALTER TABLE listing_scope ADD COLUMN opened BIGINT REFERENCES listing_change (seq);
ALTER TABLE listing_scope ADD COLUMN closed BIGINT REFERENCES listing_change (seq);
-- Whether others than the body's own students may be assessed (三（四）).
ALTER TABLE listing_scope ADD COLUMN for_public BIGINT NOT NULL DEFAULT 0;

INSERT INTO listing_change (seq, listing, kind, effective_on, recorded_on, recorded_at, clause, what, document, filing, seat, digest)
  SELECT (SELECT COUNT(*) FROM listing earlier WHERE earlier.id <= l.id), l.id, 'listed', l.valid_from, l.listed_on, 0, '2.1.3a', '列入职业技能评价机构目录', '', l.filing, '', '' FROM listing l;
INSERT INTO counter (series, last) SELECT 'directory', COUNT(*) FROM listing;
INSERT INTO listing_term (id, listing, name, county, address, responsible, centre, valid_from, valid_until, opened)
  SELECT l.id, l.id, l.name, b.county, b.address, b.head, b.centre, l.valid_from, l.valid_until, c.seq
  FROM listing l JOIN body b ON b.id = l.body JOIN listing_change c ON c.listing = l.id;
UPDATE listing_scope SET opened = (SELECT c.seq FROM listing_change c WHERE c.listing = listing_scope.listing);

ALTER TABLE listing DROP COLUMN name;
ALTER TABLE listing DROP COLUMN valid_from;
ALTER TABLE listing DROP COLUMN valid_until;
ALTER TABLE listing DROP COLUMN removed_on;
ALTER TABLE listing DROP COLUMN removed_clause;
ALTER TABLE listing DROP COLUMN removed_reason;

DROP INDEX listing_scope_listing;
CREATE INDEX listing_scope_listing ON listing_scope (listing, closed, code, level);
DROP INDEX listing_scope_code;
