-- What bodies make public under 三（五）, in versions: the four regulations and the table of fees. Nothing is overwritten;
-- a version is withdrawn by saying so. And bodies that moved to another territory or affiliation (三（一）).

CREATE TABLE regulation (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  -- exam, quality, certificate, fee, fee_table
  kind TEXT NOT NULL,
  -- Versions of a kind, counted from 1.
  no BIGINT NOT NULL,
  -- Blank for the name of the kind.
  title TEXT NOT NULL,
  -- Paragraphs; blank where files hold it.
  text TEXT NOT NULL,
  valid_from TEXT NOT NULL,
  -- The last day; none where it holds until another takes its place.
  valid_until TEXT,
  -- What is new in it, for everyone.
  note TEXT NOT NULL,
  published_on TEXT NOT NULL,
  -- The filing with whose listing it became public.
  filing BIGINT REFERENCES filing (id),
  -- The last day on which it holds, where it was withdrawn.
  withdrawn_on TEXT,
  withdrawn_reason TEXT
);
CREATE UNIQUE INDEX regulation_version ON regulation (body, kind, no);
CREATE INDEX regulation_filing ON regulation (filing);

CREATE TABLE regulation_file (
  regulation BIGINT NOT NULL REFERENCES regulation (id),
  no BIGINT NOT NULL,
  file TEXT NOT NULL REFERENCES file (hash),
  name TEXT NOT NULL,
  PRIMARY KEY (regulation, no)
);

CREATE TABLE fee (
  regulation BIGINT NOT NULL REFERENCES regulation (id),
  no BIGINT NOT NULL,
  item TEXT NOT NULL,
  -- Code and name of the occupation; blank for all.
  code TEXT NOT NULL,
  trade TEXT NOT NULL,
  -- None for all levels.
  level TEXT,
  fen BIGINT NOT NULL,
  unit TEXT NOT NULL,
  basis TEXT NOT NULL,
  PRIMARY KEY (regulation, no)
);

-- Whose filing was listed before has its four public since that day.
INSERT INTO regulation (id, body, kind, no, title, text, valid_from, note, published_on, filing)
  SELECT MIN(m.id), f.body, SUBSTR(m.code, 6), 1, '', '', COALESCE(f.listed_on, f.opened_on), '', COALESCE(f.listed_on, f.opened_on), f.id
  FROM filing_material m JOIN filing f ON f.id = m.filing
  WHERE m.code IN ('rule_exam', 'rule_quality', 'rule_certificate', 'rule_fee') AND f.stage = 'listed'
    AND f.id = (SELECT MIN(e.id) FROM filing e JOIN filing_material x ON x.filing = e.id AND x.code = m.code WHERE e.body = f.body AND e.stage = 'listed')
  GROUP BY f.body, m.code, f.listed_on, f.opened_on, f.id;
INSERT INTO regulation_file (regulation, no, file, name)
  SELECT r.id, ROW_NUMBER() OVER (PARTITION BY r.id ORDER BY m.id), m.file, m.name
  FROM regulation r JOIN filing_material m ON m.filing = r.filing AND m.code = 'rule_' || r.kind;

CREATE TABLE transfer (
  id BIGINT PRIMARY KEY,
  body BIGINT NOT NULL REFERENCES body (id),
  county_before TEXT NOT NULL,
  county_after TEXT NOT NULL,
  affiliation_before TEXT NOT NULL,
  affiliation_after TEXT NOT NULL,
  centre_before TEXT NOT NULL REFERENCES office (code),
  centre_after TEXT NOT NULL REFERENCES office (code),
  bureau_before TEXT REFERENCES office (code),
  bureau_after TEXT REFERENCES office (code),
  -- From when the directory says it.
  effective_on TEXT NOT NULL,
  -- Since when the one in charge acts.
  recorded_on TEXT NOT NULL,
  document TEXT NOT NULL,
  reason TEXT NOT NULL
);
CREATE INDEX transfer_body ON transfer (body, id);
CREATE INDEX transfer_centre ON transfer (centre_before, id);
CREATE INDEX transfer_bureau ON transfer (bureau_before, id);
