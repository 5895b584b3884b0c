-- 学籍状态 as the register last said it: 在籍, or the word by which a student is gone; blank where it never said.
ALTER TABLE enrolment ADD COLUMN standing TEXT NOT NULL DEFAULT '';
