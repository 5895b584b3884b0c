-- Who organises a batch and who is responsible for it (三（三）); blank in batches that were notified before it was asked for.
ALTER TABLE batch ADD COLUMN organiser TEXT NOT NULL DEFAULT '';
ALTER TABLE batch ADD COLUMN responsible TEXT NOT NULL DEFAULT '';
