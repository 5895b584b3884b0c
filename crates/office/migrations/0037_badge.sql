-- The electronic certificate (二（二）4): where the bits of each version stand in its body's status lists, and what holders show.

-- The how manieth certificate of its body a version is, from 0. The place in a list follows from it under the body's key; who
-- has only the place learns nothing of the order. Under the filing number, which is the issuer that outsiders know.
CREATE TABLE credential_place (
  certificate BIGINT NOT NULL REFERENCES certificate (id),
  no BIGINT NOT NULL,
  issuer TEXT NOT NULL,
  ordinal BIGINT NOT NULL,
  PRIMARY KEY (certificate, no)
);
CREATE UNIQUE INDEX credential_place_ordinal ON credential_place (issuer, ordinal);
-- What a status list is made from is few among many.
CREATE INDEX credential_place_renewed ON credential_place (issuer) WHERE no > 1;
CREATE INDEX certificate_not_valid ON certificate (body) WHERE state <> 'valid';
INSERT INTO credential_place (certificate, no, issuer, ordinal)
  SELECT x.certificate, x.no, x.issuer, ROW_NUMBER() OVER (PARTITION BY x.issuer ORDER BY x.certificate, x.no) - 1
  FROM (SELECT c.id AS certificate, c.print_no AS no, l.number AS issuer
      FROM certificate c JOIN batch t ON t.id = c.batch JOIN listing l ON l.id = t.listing
    UNION ALL
    SELECT p.certificate AS certificate, p.no AS no, l.number AS issuer
      FROM certificate_print p JOIN certificate c ON c.id = p.certificate JOIN batch t ON t.id = c.batch JOIN listing l ON l.id = t.listing) x;

-- What a holder shows of a certificate to whoever has the link.
CREATE TABLE share (
  id BIGINT PRIMARY KEY,
  certificate BIGINT NOT NULL REFERENCES certificate (id),
  -- SHA-256 of what the link ends with.
  token TEXT NOT NULL,
  -- Code words, divided by blanks.
  fields TEXT NOT NULL,
  made_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  ended_at BIGINT,
  seen BIGINT NOT NULL DEFAULT 0,
  seen_at BIGINT
);
CREATE UNIQUE INDEX share_token ON share (token);
CREATE INDEX share_certificate ON share (certificate, id);
