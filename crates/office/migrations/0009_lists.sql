-- What the lists of certificates and of the record begin with.
CREATE INDEX certificate_name ON certificate (name, id);
CREATE INDEX record_refused ON record (id) WHERE refused IS NOT NULL;
