-- A notice of a batch says which scheme stands in for an examination; of earlier notices only what the batch names now is known.
ALTER TABLE batch_version ADD COLUMN scheme BIGINT REFERENCES scheme (id);
UPDATE batch_version SET scheme = (SELECT t.scheme FROM batch t WHERE t.id = batch_version.batch);
-- The scheme by which the marks of a workbook are entered; none for marks of examinations.
ALTER TABLE mark_upload ADD COLUMN scheme BIGINT REFERENCES scheme (id);
