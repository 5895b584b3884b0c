-- How often a login was tried in vain from one place, and until when it waits there. It is kept for logins that do not
-- exist too, and for each place apart, so that nobody learns which exist or locks another out.
CREATE TABLE sign_in_wait (
  login TEXT NOT NULL,
  place TEXT NOT NULL,
  failures BIGINT NOT NULL,
  waits_until BIGINT NOT NULL,
  PRIMARY KEY (login, place)
);
CREATE INDEX sign_in_wait_until ON sign_in_wait (waits_until);
ALTER TABLE account DROP COLUMN failures;
ALTER TABLE account DROP COLUMN locked_until;
