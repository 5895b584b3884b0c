-- How far a body's printer is off the blanks of certificates, in tenths of a millimetre.
CREATE TABLE print_offset (
  body BIGINT PRIMARY KEY REFERENCES body (id),
  right_tenths BIGINT NOT NULL,
  down_tenths BIGINT NOT NULL,
  set_on TEXT NOT NULL,
  set_by TEXT NOT NULL
);
