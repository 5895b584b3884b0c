-- Which occupations of a filing nobody in the list of a draw may judge (二（一）2), as a list of texts in JSON.

ALTER TABLE evaluation_draw ADD COLUMN uncovered TEXT NOT NULL DEFAULT '[]';
