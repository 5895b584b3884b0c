-- Rooms, seats, stations and groups of a batch: what was arranged when and by which lots, and what is in force.

CREATE TABLE arrangement (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  -- Counted by batch.
  no BIGINT NOT NULL,
  -- 1 where it only gave places to those who had none.
  is_rest BIGINT NOT NULL,
  -- JSON: rooms, stations, hours and ratios.
  means TEXT NOT NULL,
  -- The record of the lots as `jiangce verify draw` reads it; its lines are ticket and class.
  draw TEXT NOT NULL,
  seed TEXT NOT NULL,
  persons BIGINT NOT NULL,
  -- JSON: what could be had no better.
  findings TEXT NOT NULL,
  arranged_at BIGINT NOT NULL,
  arranged_by TEXT NOT NULL,
  UNIQUE (batch, no)
);

-- One room at one time, as the arrangement in force has it.
CREATE TABLE exam_session (
  id BIGINT PRIMARY KEY,
  batch BIGINT NOT NULL REFERENCES batch (id),
  no BIGINT NOT NULL,
  part TEXT NOT NULL,
  held_on TEXT NOT NULL,
  -- To the minute: 08:30.
  begins TEXT NOT NULL,
  ends TEXT NOT NULL,
  room TEXT NOT NULL,
  first_seat BIGINT NOT NULL,
  seats BIGINT NOT NULL,
  -- 0 where there is no plan of them.
  seat_columns BIGINT NOT NULL,
  UNIQUE (batch, no)
);

-- Where a candidate sits: seat, station or turn.
CREATE TABLE exam_place (
  candidate BIGINT NOT NULL REFERENCES candidate (id),
  part TEXT NOT NULL,
  session BIGINT NOT NULL REFERENCES exam_session (id),
  seat BIGINT NOT NULL,
  PRIMARY KEY (candidate, part)
);
CREATE UNIQUE INDEX exam_place_once ON exam_place (session, seat);
