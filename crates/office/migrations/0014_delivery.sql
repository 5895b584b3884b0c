-- How messages leave the house: addresses that their holders confirmed by a one-time code, what they chose to be sent, and
-- each message on its way to each address. Addresses and codes are sealed; a code is kept as a keyed hash.
ALTER TABLE outbox ADD COLUMN clause TEXT;
ALTER TABLE outbox ADD COLUMN due_on TEXT;

CREATE TABLE contact (
  account BIGINT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  confirmed_at BIGINT NOT NULL,
  PRIMARY KEY (account, channel)
);

CREATE TABLE contact_code (
  id BIGINT PRIMARY KEY,
  account BIGINT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  address TEXT NOT NULL,
  find_key TEXT NOT NULL,
  digest TEXT NOT NULL,
  asked_at BIGINT NOT NULL,
  expires_at BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  is_used BIGINT NOT NULL
);
CREATE INDEX contact_code_account ON contact_code (account, channel, id);
CREATE INDEX contact_code_find ON contact_code (find_key, asked_at);
CREATE INDEX contact_code_asked ON contact_code (asked_at);

-- A row says that this kind is wanted by this channel.
CREATE TABLE contact_choice (
  account BIGINT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  PRIMARY KEY (account, channel, kind)
);

CREATE TABLE digest (
  account BIGINT PRIMARY KEY REFERENCES account (id),
  hour BIGINT NOT NULL,
  last_on TEXT
);

-- One message to one account by one channel. `outcome` is null while it waits; then sent, given_up or dropped.
CREATE TABLE delivery (
  message BIGINT NOT NULL,
  account BIGINT NOT NULL REFERENCES account (id),
  channel TEXT NOT NULL,
  kind TEXT NOT NULL,
  title TEXT NOT NULL,
  link TEXT NOT NULL,
  clause TEXT,
  due_on TEXT,
  sealed TEXT,
  made_at BIGINT NOT NULL,
  next_at BIGINT NOT NULL,
  leased_until BIGINT NOT NULL,
  tries BIGINT NOT NULL,
  error TEXT,
  failed_at BIGINT,
  outcome TEXT,
  ended_at BIGINT,
  PRIMARY KEY (message, account, channel)
);
CREATE INDEX delivery_waiting ON delivery (channel, next_at) WHERE outcome IS NULL;
CREATE INDEX delivery_failed ON delivery (failed_at) WHERE failed_at IS NOT NULL;
CREATE INDEX delivery_ended ON delivery (ended_at) WHERE ended_at IS NOT NULL;
CREATE INDEX delivery_account ON delivery (account, channel, made_at);
