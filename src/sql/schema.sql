-- SPDX-License-Identifier: Apache-2.0
-- The case database. (Where a table has no rowid, the columns of its key come first and in order: PRAGMA quick_check of SQLite 3.40 takes
-- others for NULL.) Everything above the line DERIVED is written once by import and never changed afterwards, but that an event
-- gets a name which it left out when another source's record of it has that;
-- everything below is dropped and rebuilt by `hindcast correlate`. Times are microseconds since 1970-01-01 UTC.
--
-- event.id carries the earliest instant: (microseconds << 10) + n, n counting events of one microsecond, so that the table
-- itself is in time order and every index is too. Where that cannot hold (a thousand events in one
-- microsecond, an instant outside 1700..2250, no time at all) `time` holds the exact instant or `precision` is 0
-- (undated: ids from HC_UNDATED upwards, negative and below every dated id).

CREATE TABLE vocabulary (       -- the numbers in `action` columns
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  sentence TEXT NOT NULL
);

CREATE TABLE realm (            -- a service or system whose names are its own: 'warehouse', 'slack', 'mail', ...
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
);

CREATE TABLE source (           -- a file of evidence, or a member of an archive
  id INTEGER PRIMARY KEY,
  path TEXT NOT NULL,           -- inside the case, '/'-separated; external/NAME for files from elsewhere
  member TEXT NOT NULL DEFAULT '',
  container INTEGER REFERENCES source(id), -- the archive a member was read from; of a part, the file it was read with
  sha256 TEXT NOT NULL,         -- of the file as it lies there; of a member: of its decompressed bytes
  size INTEGER NOT NULL,
  text INTEGER,                 -- bytes of the text as which a PostgreSQL archive is read, in which its records have their places; else NULL
  packed TEXT,                  -- 'gzip', ...: one file, compressed; places count in what comes out of it. NULL: as it is
  format TEXT,                  -- importer; NULL for an archive itself and for what nobody reads
  profile TEXT,
  realm INTEGER REFERENCES realm(id),
  label TEXT,
  columns TEXT,                 -- where case.yaml says them: the table, which may be empty, and its columns, a line each; else NULL
  zone TEXT,
  zone_basis TEXT,              -- 'given', 'profile', 'assumed'
  year INTEGER,
  host TEXT,                    -- that wrote it and whose clock it has, where all its records name the same one
  clock INTEGER NOT NULL DEFAULT 0, -- microseconds its clock is ahead
  taken INTEGER,                -- when the export was made; its coverage ends there
  taken_basis TEXT,             -- 'given', 'assumed' (latest record)
  status TEXT NOT NULL,         -- 'read', 'archive', 'unread', 'failed', 'copy' (same SHA-256 as another source), 'part' (read with
                                -- another: a data file of a PostgreSQL directory archive, a write-ahead log of SQLite), 'ignored' (no
                                -- records, by a rule of a profile)
  why TEXT,                     -- of the format choice, or of the failure
  damage TEXT,                  -- of one that is compressed or in an archive: why it could be read partly only, or is not what was packed, and how
                                -- far it goes; NULL: it is whole
  rotation INTEGER REFERENCES source(id), -- of a log's rotated files that were read as one: the oldest of them; else NULL
  follows INTEGER REFERENCES source(id),  -- ... and the file before it, which may have been imported earlier
  scope TEXT,                   -- only records that touch one of these names were kept: a JSON array; NULL: all were
  records INTEGER NOT NULL DEFAULT 0,
  events INTEGER NOT NULL DEFAULT 0,
  states INTEGER NOT NULL DEFAULT 0,
  ignored INTEGER NOT NULL DEFAULT 0,
  joined INTEGER NOT NULL DEFAULT 0,
  duplicates INTEGER NOT NULL DEFAULT 0,
  rejected INTEGER NOT NULL DEFAULT 0,
  first INTEGER,                -- earliest and latest instant of its events
  last INTEGER,
  serial INTEGER NOT NULL DEFAULT 0, -- highest append-only id seen: orders two dumps of one database
  UNIQUE (path, member)
);

CREATE TABLE replaced (         -- sources of a log that were read again as one with another file of it, which came later: what they told is gone
  id INTEGER PRIMARY KEY,       -- the number that it had, which no other gets
  path TEXT NOT NULL,           -- the source that has it now
  rotation INTEGER              -- as in source, by the numbers of then
);

CREATE TABLE tally (            -- the accounting by native record type
  source INTEGER NOT NULL REFERENCES source(id),
  type TEXT NOT NULL,
  what TEXT NOT NULL,           -- 'event', 'state', 'ignored', 'joined', 'duplicate', 'rejected'
  why TEXT NOT NULL DEFAULT '', -- the rule that ignored
  n INTEGER NOT NULL,
  PRIMARY KEY (source, type, what, why)
) WITHOUT ROWID;

CREATE TABLE entity (           -- dictionary; kinds are enum hc_entity_kind
  id INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL,
  realm INTEGER NOT NULL REFERENCES realm(id),
  key TEXT NOT NULL,            -- normalised for comparison; one row for each kind, realm and key
  written TEXT,                 -- as first written, where that is not the key
  name TEXT AS (coalesce(written, key))
);

CREATE TABLE alias (            -- "this id is called so", as a row of a source says
  entity INTEGER NOT NULL REFERENCES entity(id),
  source INTEGER NOT NULL REFERENCES source(id),
  name INTEGER NOT NULL REFERENCES entity(id),
  PRIMARY KEY (entity, source, name)
) WITHOUT ROWID;

-- What most rows do not have stands last, so that it takes no place where it is not.
CREATE TABLE event_row (        -- read it by the view `event`
  id INTEGER PRIMARY KEY,
  precision INTEGER NOT NULL,   -- enum hc_precision
  basis INTEGER NOT NULL,       -- enum hc_basis bits
  raw,                          -- the time as it was written; a number, enum hc_raw_form: it says nothing but the time
  source INTEGER NOT NULL REFERENCES source(id),
  record INTEGER NOT NULL,
  beyond INTEGER,               -- line - record; NULL: its format has no lines
  "offset" INTEGER NOT NULL,
  length INTEGER NOT NULL,
  type INTEGER NOT NULL REFERENCES entity(id), -- native record type
  action INTEGER NOT NULL,      -- enum hc_action
  row_key INTEGER NOT NULL DEFAULT 0,
  own,                          -- its other native fields: a JSON object of texts as src/base/own.h shortens it; NULL: none
  shared INTEGER REFERENCES entity(id),  -- native fields that it has in common with others: a JSON object is the key
  actor INTEGER REFERENCES entity(id),   -- as recorded: name or id
  target INTEGER REFERENCES entity(id),
  object INTEGER REFERENCES entity(id),
  address INTEGER REFERENCES entity(id),
  message INTEGER REFERENCES entity(id),
  lines TEXT,                   -- other lines of its source that it cites: [[record, offset, length], ...], record and offset as they differ from
                                -- its own; a fourth number where the line is further beyond the record than its own is. NULL: none
  span INTEGER NOT NULL DEFAULT 0, -- latest - earliest
  version INTEGER REFERENCES entity(id),
  file INTEGER REFERENCES entity(id),
  txn INTEGER REFERENCES entity(id),
  text TEXT,
  time INTEGER,                 -- exact earliest instant where id >> 10 is not it
  outcome INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE witness_row (      -- further places that attest an event, but for `lines`; read it by the view `witness`
  event INTEGER NOT NULL REFERENCES event_row(id),
  source INTEGER NOT NULL REFERENCES source(id),
  "offset" INTEGER NOT NULL,
  record INTEGER NOT NULL,
  line INTEGER NOT NULL,
  length INTEGER NOT NULL,
  part INTEGER NOT NULL,        -- 0: the same record in another source; 1: another line of a record, which cites it
  PRIMARY KEY (event, source, "offset")
) WITHOUT ROWID;

-- Of one record in several sources that one is shown whose source comes first by its name, whichever was imported first.
CREATE TABLE shown (            -- events of which that is not the one in event_row: what it does not say alike
  event INTEGER PRIMARY KEY REFERENCES event_row(id),
  source INTEGER NOT NULL REFERENCES source(id),
  record INTEGER NOT NULL,
  line INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  length INTEGER NOT NULL,
  basis INTEGER NOT NULL,
  raw,
  type INTEGER NOT NULL,
  txn INTEGER,
  shared INTEGER,
  text TEXT,
  own TEXT
);

CREATE TABLE state (            -- what a row says is
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source(id),
  type INTEGER NOT NULL REFERENCES entity(id),
  record INTEGER NOT NULL,
  line INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  length INTEGER NOT NULL,
  row_key INTEGER NOT NULL,     -- hash of table and primary key
  digest INTEGER NOT NULL,      -- hash of all fields of the row
  born INTEGER,
  subject INTEGER REFERENCES entity(id), -- account
  object INTEGER REFERENCES entity(id),  -- project
  detail INTEGER REFERENCES entity(id),  -- release, mailbox, file: by table
  value TEXT                    -- kept fields, a JSON object of texts
);

CREATE TABLE reject (
  id INTEGER PRIMARY KEY,
  source INTEGER NOT NULL REFERENCES source(id),
  record INTEGER NOT NULL,
  line INTEGER NOT NULL,
  "offset" INTEGER NOT NULL,
  length INTEGER NOT NULL,
  why TEXT NOT NULL
);

CREATE TABLE service (          -- what the profile says about its service: rules, notices, flags (facts of the service)
  realm INTEGER NOT NULL REFERENCES realm(id),
  topic TEXT NOT NULL,          -- 'title', 'notice', 'flag', 'unknown-actor', 'rule', 'lost', 'mention', 'account-table', 'tells' (which
                                -- actions a record type can tell of), 'lost-records' (types that go with an account), 'kept' (how long), 'serial' (the
                                -- number that rows of a type have), ...
  key TEXT NOT NULL,
  value TEXT NOT NULL,          -- a JSON object of texts, or a text
  PRIMARY KEY (realm, topic, key)
) WITHOUT ROWID;

-- DERIVED ------------------------------------------------------------------------------------------------------------

CREATE TABLE identity (         -- one entity stands for another, with the reason
  entity INTEGER NOT NULL REFERENCES entity(id),
  same_as INTEGER NOT NULL REFERENCES entity(id), -- the canonical one (an account, project, ...)
  reason TEXT NOT NULL,         -- one word; `because` is the sentence. 'row': a row gives the id this name; 'rename': rows of two dumps give one id
                                -- two names; 'holder': a name that another account had before; 'address-row': a row gives the account this mailbox;
                                -- 'notices': mails of the service followed acts on it; 'verified-address': two services have verified one mailbox;
                                -- 'association': one service signs in by another; 'same-id': one
                                -- session, device or token in both; 'responder': the case file; 'same-address': one network
                                -- address; 'reply': an answer to what was sent to one mailbox only, from another
  strength TEXT NOT NULL,       -- 'certain': a record or the case file says so; 'strong': it follows from records, and nothing else explains them
  since INTEGER, until INTEGER, -- of a name that several accounts had: between these the first of them is or may be meant; NULL: always
  because TEXT NOT NULL,
  PRIMARY KEY (entity, same_as, reason)
) WITHOUT ROWID;

CREATE TABLE identity_cite (    -- the records that say so
  entity INTEGER NOT NULL REFERENCES entity(id),
  same_as INTEGER NOT NULL REFERENCES entity(id),
  reason TEXT NOT NULL,
  ordinal INTEGER NOT NULL,
  event INTEGER REFERENCES event_row(id), state INTEGER REFERENCES state(id), -- one of the two
  PRIMARY KEY (entity, same_as, reason, ordinal)
) WITHOUT ROWID;

CREATE TABLE unjoined (         -- what might be taken for one, and is not joined: nothing rests on it
  entity INTEGER NOT NULL REFERENCES entity(id),
  other INTEGER NOT NULL REFERENCES entity(id),
  reason TEXT NOT NULL,         -- 'unverified-address': an account has entered this mailbox, and nobody has shown that it is its own; 'same-mailbox':
                                -- two services have it, and not both have verified it; 'shared-name': two ids have it in one dump; 'shared-id': a session,
                                -- device or token of several accounts; 'reply': an
                                -- answer from a mailbox of somebody else; 'confusable', 'separator', 'swapped', 'letter': a name that looks like one
                                -- of an incident
  because TEXT NOT NULL,
  event INTEGER REFERENCES event_row(id), state INTEGER REFERENCES state(id), -- where `entity` stands: one of the two
  PRIMARY KEY (entity, other, reason)
) WITHOUT ROWID;

CREATE TABLE unmasked (         -- rows that no longer name their actor, one by one: who it was, and how that is known
  event INTEGER PRIMARY KEY REFERENCES event_row(id),
  actor INTEGER REFERENCES entity(id), -- NULL: it cannot be told
  reason TEXT NOT NULL,         -- 'earlier-dump', 'transaction', 'own-act', 'creator', 'notice'; 'nothing' and 'several': why it cannot be told
  because TEXT NOT NULL,
  by_event INTEGER REFERENCES event_row(id) -- the record that tells it; NULL: the row's own words do, or none does
);

CREATE INDEX unmasked_actor ON unmasked(actor) WHERE actor IS NOT NULL;

CREATE INDEX identity_same ON identity(same_as);

CREATE TABLE act (              -- one thing that happened, however many records attest it
  id INTEGER PRIMARY KEY,       -- ids by (time, until, first attesting place)
  time INTEGER, until INTEGER, precision INTEGER NOT NULL, basis INTEGER NOT NULL,
  event INTEGER REFERENCES event_row(id), -- the record that is shown for it; NULL when there is none
  state INTEGER REFERENCES state(id), -- the state row that is shown instead
  action INTEGER NOT NULL, outcome INTEGER NOT NULL DEFAULT 0,
  actor INTEGER REFERENCES entity(id),  -- resolved: names, not ids; NULL = unknown
  actor_text TEXT,              -- an actor that is no known account stays text
  target INTEGER REFERENCES entity(id),
  object INTEGER REFERENCES entity(id),
  version INTEGER REFERENCES entity(id),
  file INTEGER REFERENCES entity(id),
  address INTEGER REFERENCES entity(id),
  message INTEGER REFERENCES entity(id),
  text TEXT,                    -- what was said (mentions by name), or the native action of an audit-other
  title TEXT,                   -- a message's subject
  why TEXT                      -- each inference made, one sentence per line; NULL when all is as recorded
);

CREATE INDEX act_move ON act(object, action, target);
CREATE INDEX act_target ON act(target, action);
CREATE INDEX act_actor ON act(actor) WHERE actor IS NOT NULL;
CREATE INDEX act_time ON act(time);
CREATE INDEX act_action ON act(action);

CREATE TABLE attest (           -- what attests an act
  act INTEGER NOT NULL REFERENCES act(id),
  source INTEGER NOT NULL REFERENCES source(id),
  "offset" INTEGER NOT NULL,
  record INTEGER NOT NULL, line INTEGER NOT NULL, length INTEGER NOT NULL,
  event INTEGER REFERENCES event_row(id),
  state INTEGER REFERENCES state(id),
  how TEXT NOT NULL,            -- 'record', 'copy', 'line', 'state', 'notice', 'delivery', 'statement', 'bound'
  PRIMARY KEY (act, source, "offset")
) WITHOUT ROWID;

CREATE INDEX attest_place ON attest(source, "offset");
CREATE INDEX attest_event ON attest(event) WHERE event IS NOT NULL;

CREATE TABLE twin (             -- records that tell of one act, and are one to rules: of one transaction, or of the database and of what is beside it
  event INTEGER PRIMARY KEY REFERENCES event_row(id),
  lead INTEGER NOT NULL REFERENCES event_row(id) -- the record by which the act is told; it has no row here
);
CREATE INDEX twin_lead ON twin(lead);

CREATE TABLE disagreement (     -- two records that cannot both be right: neither is changed, and a finding names both
  about TEXT NOT NULL,          -- 'actor', 'target', 'time' of one act; 'row': what one row of two dumps holds
  event INTEGER NOT NULL REFERENCES event_row(id),
  other INTEGER NOT NULL,       -- an event; a row of state where of_state is 1
  of_state INTEGER NOT NULL,
  act INTEGER REFERENCES act(id), -- that both are witnesses of; NULL: none
  said TEXT NOT NULL, contradicts TEXT NOT NULL, -- what the one says, and the other
  because TEXT NOT NULL,        -- why they are of one act, or one row
  PRIMARY KEY (about, event, other, of_state)
) WITHOUT ROWID;

CREATE TABLE clock (            -- how far the clock of a source ran ahead, by pairs of records of which one cannot be before the other
  source INTEGER NOT NULL REFERENCES source(id),
  piece INTEGER NOT NULL,       -- from 1: a clock that was set in between has several
  "from" INTEGER NOT NULL, "to" INTEGER NOT NULL, -- by that clock: where its pairs prove it; between two pieces it may be either
  than INTEGER REFERENCES source(id), -- ahead of the clock of this source, where nothing ties the two to one that is known; NULL: of the true time
  least INTEGER, most INTEGER,  -- microseconds ahead, at "from"; NULL: no record bounds it on that side
  least_pairs INTEGER NOT NULL, most_pairs INTEGER NOT NULL, -- how many pairs bound it
  against INTEGER NOT NULL,     -- pairs that contradict the others and are set aside
  applied INTEGER NOT NULL,     -- 1: acts dated by this source are corrected
  because TEXT NOT NULL,        -- why, or why not
  drift INTEGER NOT NULL DEFAULT 0, -- microseconds that it gained in a day; `least` and `most` are those at "from" then, and go on in a line
  PRIMARY KEY (source, piece)
) WITHOUT ROWID;

CREATE TABLE clock_pair (       -- the pairs that decide a bound
  source INTEGER NOT NULL REFERENCES source(id),
  piece INTEGER NOT NULL,
  side TEXT NOT NULL,           -- 'least', 'most'
  ordinal INTEGER NOT NULL,     -- from 1, the one that bounds it most first
  earlier INTEGER NOT NULL REFERENCES event_row(id), -- this record ...
  later INTEGER NOT NULL REFERENCES event_row(id),   -- ... cannot be after this one
  bound INTEGER NOT NULL,       -- what they say of the clock, microseconds ahead
  because TEXT NOT NULL,
  PRIMARY KEY (source, piece, side, ordinal)
) WITHOUT ROWID;

CREATE TABLE link (             -- relations between acts, events or entities, each with its reason
  kind TEXT NOT NULL,           -- of entities: 'restored-as', 're-registered' (b has the name that a had); of events: 'same-message', 'message-row', 'wire-id', 'header-id',
                                -- 'same-mail' (two records of one message), 'same-act' (b, of another source, tells what a does), 'reply',
                                -- 'bounce' (b answers a, b says that a came back), 'statement' (a tells of the statement that wrote row b)
  a INTEGER NOT NULL, b INTEGER NOT NULL,
  because TEXT NOT NULL,
  PRIMARY KEY (kind, a, b)
) WITHOUT ROWID;

CREATE TABLE hit_row (          -- a record that a detection matches; the last record of a correlation that others are made of
  id INTEGER PRIMARY KEY,       -- from 1, by rule and time
  act INTEGER REFERENCES act(id), event INTEGER REFERENCES event_row(id) -- one of the two
);

CREATE TABLE hit_rule (         -- whose they are: there may be millions of them, and a few hundred rules
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,           -- of the rule: its id, else its name, else its title
  first INTEGER NOT NULL, last INTEGER NOT NULL -- of hit_row
);

CREATE VIEW hit AS
SELECT r.name AS rule, h.id - r.first + 1 AS ordinal, -- from 1, in order of time
       h.act, h.event
FROM hit_rule AS r CROSS JOIN hit_row AS h ON h.id BETWEEN r.first AND r.last;

CREATE TABLE rule (             -- the rules that were applied, whether they found something or not
  id TEXT PRIMARY KEY NOT NULL, -- else its name, else its title: what finding.rule says
  title TEXT NOT NULL,
  level TEXT NOT NULL,          -- 'note', 'warning', 'error'
  status TEXT, description TEXT, author TEXT, date TEXT,
  file TEXT NOT NULL,           -- it came from
  lists TEXT NOT NULL           -- JSON object of lists of texts: 'tags', 'falsepositives', 'references'
) WITHOUT ROWID;

CREATE INDEX link_back ON link(kind, b);

CREATE TABLE finding (
  id INTEGER PRIMARY KEY,
  rule TEXT NOT NULL,           -- 'HC-REG-001'
  key TEXT NOT NULL,            -- of the rule and what it found, by names and times: the same in each run, whatever else is found
  level TEXT NOT NULL,          -- 'note', 'warning', 'error'
  certainty TEXT NOT NULL DEFAULT 'certain', -- 'possible': only if what may have been in another order was in this one
  title TEXT NOT NULL,
  message TEXT NOT NULL,
  because TEXT NOT NULL DEFAULT '', -- sentences, one per line
  incident TEXT,                -- the kind of incident that its rule says it is; NULL: none of its own
  pattern TEXT,                 -- the rule that matched most often in it, for correlations of correlations; `hit` has its matches elsewhere
  actor INTEGER REFERENCES entity(id),   -- accused account
  target INTEGER REFERENCES entity(id),  -- account that suffered
  source INTEGER REFERENCES source(id), line INTEGER, "offset" INTEGER, length INTEGER -- the place it is reported at
);

CREATE TABLE finding_event (
  finding INTEGER NOT NULL REFERENCES finding(id),
  step INTEGER NOT NULL,        -- order within the finding
  act INTEGER NOT NULL REFERENCES act(id),
  what TEXT NOT NULL,           -- the rule's name for the step: 'invite', 'accept', 'remove', 'delete'
  because TEXT NOT NULL DEFAULT '', -- which detection matched it
  PRIMARY KEY (finding, step, act)
) WITHOUT ROWID;

CREATE TABLE finding_place (    -- further records that a finding is about
  finding INTEGER NOT NULL REFERENCES finding(id),
  ordinal INTEGER NOT NULL,
  what TEXT NOT NULL,           -- what this record says
  source INTEGER NOT NULL REFERENCES source(id), line INTEGER, "offset" INTEGER, length INTEGER,
  PRIMARY KEY (finding, ordinal)
) WITHOUT ROWID;

CREATE TABLE incident (          -- by their time
  id INTEGER PRIMARY KEY,
  finding INTEGER REFERENCES finding(id), -- the one that it is told by; NULL: case.yaml names its subjects, nothing accuses anybody
  kind TEXT NOT NULL            -- as the rule of that finding says ('account-takeover'), else 'finding'; 'subject'
);

CREATE TABLE incident_finding ( -- the findings of an incident
  incident INTEGER NOT NULL REFERENCES incident(id),
  finding INTEGER NOT NULL REFERENCES finding(id),
  ordinal INTEGER NOT NULL,     -- the one it is told by is 1, then by time
  because TEXT NOT NULL,        -- why it is of this incident
  PRIMARY KEY (incident, finding)
) WITHOUT ROWID;

CREATE TABLE party (            -- who and what the incident is about
  incident INTEGER NOT NULL REFERENCES incident(id),
  role TEXT NOT NULL,           -- 'other' (account that is accused), 'taken' (account that suffered), 'restored', 'subject', 'project',
                                -- 'responder', 'owner-mailbox', 'other-mailbox', 'our-mailbox', 'address' (network),
                                -- 'shared-address' (of too many accounts to join by)
  entity INTEGER NOT NULL REFERENCES entity(id),
  ordinal INTEGER NOT NULL,     -- by first act, from 1 within the role
  because TEXT NOT NULL,
  spread INTEGER,               -- of a shared address: how many accounts without a part in any incident acted from it
  PRIMARY KEY (incident, role, entity)
) WITHOUT ROWID;

CREATE TABLE scope (            -- the timeline of an incident
  incident INTEGER NOT NULL REFERENCES incident(id),
  act INTEGER NOT NULL REFERENCES act(id),
  phase TEXT NOT NULL,          -- 'preparation','access','takeover','impact','destruction','detection','response','containment','recovery';
                                -- '' in an incident made of subjects
  because TEXT NOT NULL,
  fold TEXT,                    -- acts of one group differ only in their project
  PRIMARY KEY (incident, act)
) WITHOUT ROWID;

CREATE TABLE notice (           -- a mail that the service sent about an act
  incident INTEGER NOT NULL REFERENCES incident(id),
  event INTEGER NOT NULL REFERENCES event_row(id),   -- the mail row
  act INTEGER NOT NULL REFERENCES act(id),
  mailbox INTEGER NOT NULL REFERENCES entity(id),
  recipient INTEGER REFERENCES entity(id),       -- account, where known
  subject TEXT,
  sent INTEGER NOT NULL,                         -- microseconds
  delivered INTEGER,                             -- far side's confirmation or delivery line
  PRIMARY KEY (incident, event)
) WITHOUT ROWID;

CREATE TABLE metric (
  incident INTEGER NOT NULL REFERENCES incident(id),
  name TEXT NOT NULL,           -- 'attack' (to the deletion), 'takeover' (first step to last), 'dwell' (until all who are accused were
                                -- stopped), 'detect', 'acknowledge', 'contain', 'notify', 'reply', 'restore', 'resolve', 'total'
  ordinal INTEGER NOT NULL,
  from_act INTEGER NOT NULL REFERENCES act(id),
  to_act INTEGER NOT NULL REFERENCES act(id),
  least INTEGER NOT NULL,       -- microseconds; -1 when only the upper bound is known
  most INTEGER NOT NULL,
  PRIMARY KEY (incident, name)
) WITHOUT ROWID;

CREATE TABLE exposure (         -- how long a project was in the hands of those who are accused
  incident INTEGER NOT NULL REFERENCES incident(id),
  project INTEGER NOT NULL REFERENCES entity(id),
  ordinal INTEGER NOT NULL,
  from_act INTEGER NOT NULL REFERENCES act(id), -- they got a role in it, else the first step of a finding that is on it
  to_act INTEGER REFERENCES act(id),            -- they lost it or were stopped; NULL: not in the evidence
  least INTEGER, most INTEGER,  -- microseconds; NULL: not known
  releases INTEGER,             -- made in that time; NULL: the evidence cannot tell
  named TEXT NOT NULL,          -- their versions, the first hundred: a JSON array of texts
  downloads_least INTEGER, downloads_most INTEGER, -- as case.yaml gives them: for certain, and at most; NULL: it gives none
  PRIMARY KEY (incident, project)
) WITHOUT ROWID;

CREATE TABLE claim (            -- "nothing of this kind happened", with its denominator
  incident INTEGER NOT NULL REFERENCES incident(id),
  name TEXT NOT NULL,           -- 'no-release-change', 'no-later-act', 'no-other-account', 'no-other-pattern'
  ordinal INTEGER NOT NULL,
  verdict TEXT NOT NULL,        -- 'supported', 'contradicted', 'cannot-be-told'
  "from" INTEGER, "to" INTEGER, -- the interval it is said about
  examined INTEGER NOT NULL,    -- records looked at
  matched INTEGER NOT NULL,     -- records against it
  facts TEXT NOT NULL,          -- JSON object of numbers and texts used by the sentence
  PRIMARY KEY (incident, name)
) WITHOUT ROWID;

CREATE TABLE claim_source (     -- what was able to show it, and how far it reaches
  incident INTEGER NOT NULL, name TEXT NOT NULL,
  source INTEGER NOT NULL REFERENCES source(id),
  type TEXT NOT NULL,           -- record type examined
  examined INTEGER NOT NULL,
  PRIMARY KEY (incident, name, source, type)
) WITHOUT ROWID;

CREATE TABLE stream (           -- sources that continue one another: files of a rotated log, members of an archive, dumps of one database
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL,           -- its first source by name
  sources INTEGER NOT NULL,
  records INTEGER NOT NULL,
  first INTEGER NOT NULL, last INTEGER NOT NULL, -- earliest and latest instant of its events
  ends INTEGER NOT NULL,        -- its coverage
  ends_basis TEXT NOT NULL,     -- 'given', 'assumed' (latest record)
  step INTEGER,                 -- minutes by which its rhythm is known; NULL: it is not
  tells TEXT NOT NULL,          -- actions that its records can tell of, by the profile or seen: names with commas
  database INTEGER NOT NULL     -- 1: tables of a service, which hold their rows until these are deleted
);

CREATE TABLE stream_source (
  stream INTEGER NOT NULL REFERENCES stream(id),
  source INTEGER NOT NULL REFERENCES source(id),
  PRIMARY KEY (stream, source)
) WITHOUT ROWID;

CREATE TABLE stream_type (      -- its dated records by native type
  stream INTEGER NOT NULL REFERENCES stream(id),
  type TEXT NOT NULL,
  records INTEGER NOT NULL, first INTEGER NOT NULL, last INTEGER NOT NULL,
  PRIMARY KEY (stream, type)
) WITHOUT ROWID;

CREATE TABLE silence (          -- where a stream has nothing and should have something
  stream INTEGER NOT NULL REFERENCES stream(id),
  ordinal INTEGER NOT NULL,
  kind TEXT NOT NULL,           -- 'rhythm': no record, against its own rhythm; 'file': a rotated file that is not there
  "from" INTEGER, "to" INTEGER, -- the last record before and the first after it, or the end of the stream
  expected INTEGER, steps INTEGER, -- so many of its steps hold a record elsewhere; only of 'rhythm'
  before INTEGER REFERENCES event(id), after INTEGER REFERENCES event(id), -- NULL: nothing follows
  name TEXT,                    -- of the file
  PRIMARY KEY (stream, ordinal)
) WITHOUT ROWID;

CREATE TABLE gap (              -- what cannot be known, and why
  incident INTEGER NOT NULL DEFAULT 0,
  name TEXT NOT NULL,           -- 'access', 'second-factor', 'deletion-time', 'freeze-time', 'person', 'restored-use', 'unread', ...
  ordinal INTEGER NOT NULL,
  entity INTEGER REFERENCES entity(id),
  act INTEGER REFERENCES act(id),
  facts TEXT NOT NULL,          -- JSON object used by the sentence
  PRIMARY KEY (incident, name)
) WITHOUT ROWID;

CREATE TABLE masked (           -- rows whose actor the service itself no longer knows: what `unmasked` holds, counted
  realm INTEGER PRIMARY KEY REFERENCES realm(id),
  resolved INTEGER NOT NULL,
  unknown INTEGER NOT NULL
);

CREATE TABLE lesson (           -- lessons that fire, with their figures
  incident INTEGER NOT NULL REFERENCES incident(id),
  name TEXT NOT NULL,           -- file in reports/lessons without .md
  ordinal INTEGER NOT NULL,
  facts TEXT NOT NULL,
  PRIMARY KEY (incident, name)
) WITHOUT ROWID;

CREATE TABLE cite (             -- the records behind a claim, gap or lesson: name of a fact -> place
  incident INTEGER NOT NULL,
  of TEXT NOT NULL,             -- 'claim', 'gap', 'lesson'
  name TEXT NOT NULL,
  fact TEXT NOT NULL,           -- the fact or sentence it stands for
  ordinal INTEGER NOT NULL,
  source INTEGER REFERENCES source(id), -- NULL: a rule of the service
  line INTEGER, "offset" INTEGER, length INTEGER,
  text TEXT NOT NULL,           -- what it holds: 'release_files, 180 rows: every row equal to ...'
  PRIMARY KEY (incident, of, name, fact, ordinal)
) WITHOUT ROWID;

-- VIEWS: for readers with the sqlite3 shell; names and meanings are stable --------------------------------------------

-- `opened` is the object of `own` without its last brace: a '{"', then what is stored, where each mark gives way to what it stands for.
CREATE VIEW event_opened AS
SELECT *, CASE WHEN typeof(own) = 'blob'
               THEN replace('{"' || iif(length(own) = 16, 'id":"' || char(1),
                                        replace(replace(replace(replace(CAST(substr(own, 17) AS TEXT), char(5), '","native":"'), char(4), 'id":"'), char(3), '","'), char(2), '":"')),
                            char(1), lower(printf('%s-%s-%s-%s-%s', hex(substr(own, 1, 4)), hex(substr(own, 5, 2)), hex(substr(own, 7, 2)),
                                                  hex(substr(own, 9, 2)), hex(substr(own, 11, 6))))) || '"'
               WHEN own GLOB '{"*' THEN substr(own, 1, length(own) - 1)
               ELSE '{"' || replace(replace(replace(replace(own, char(5), '","native":"'), char(4), 'id":"'), char(3), '","'), char(2), '":"') || '"'
          END AS opened
FROM event_row;

CREATE VIEW event AS            -- what records tell, one row for each event
SELECT id, time, span, precision, basis,
       CASE WHEN typeof(raw) <> 'integer' THEN raw
            WHEN raw = 1 THEN CAST(at / 1000000 AS TEXT)
            WHEN raw = 2 THEN CAST(at / 1000 AS TEXT)
            WHEN raw = 3 THEN substr('JanFebMarAprMayJunJulAugSepOctNovDec', strftime('%m', at / 1000000, 'unixepoch') * 3 - 2, 3)
              || printf(' %2d ', strftime('%d', at / 1000000, 'unixepoch')) || strftime('%H:%M:%S', at / 1000000, 'unixepoch')
            ELSE strftime(iif(raw & 1, '%Y-%m-%dT%H:%M:%S', '%Y-%m-%d %H:%M:%S'), at / 1000000, 'unixepoch')
              || iif(raw < 24, '', substr(printf('.%06d', at % 1000000), 1, raw / 8 - 1))
              || CASE raw >> 1 & 3 WHEN 0 THEN '' WHEN 1 THEN 'Z' WHEN 2 THEN '+00' ELSE '+00:00' END
       END AS raw_time,             -- as it was written
       source, record, line, "offset", length, type, action, outcome, actor, target, object, version, file, address, message, txn,
       row_key, text,
       iif(id IN (SELECT event FROM shown),
           (SELECT CASE WHEN o.shared IS NULL THEN o.own
                        WHEN o.own IS NULL THEN (SELECT key FROM entity WHERE id = o.shared)
                        ELSE substr(o.own, 1, length(o.own) - 1) || ',' || substr((SELECT key FROM entity WHERE id = o.shared), 2)
                   END FROM shown AS o WHERE o.event = r.id),
           CASE WHEN own IS NULL THEN (SELECT key FROM entity WHERE id = shared)
                WHEN shared IS NULL THEN opened || '}'
                ELSE opened || ',' || substr((SELECT key FROM entity WHERE id = shared), 2)
           END) AS fields           -- native fields that rules, profiles or the report need: a JSON object of texts; NULL: none
FROM (SELECT id, time, coalesce(time, id >> 10) AS at, span, precision, action, outcome, actor, target, object, version, file, address, message,
             row_key,
             coalesce((SELECT o.basis FROM shown AS o WHERE o.event = id), basis) AS basis,
             iif(id IN (SELECT event FROM shown), (SELECT o.raw FROM shown AS o WHERE o.event = id), raw) AS raw,
             coalesce((SELECT o.source FROM shown AS o WHERE o.event = id), source) AS source,
             coalesce((SELECT o.record FROM shown AS o WHERE o.event = id), record) AS record,
             coalesce((SELECT o.line FROM shown AS o WHERE o.event = id), record + beyond, 0) AS line,
             coalesce((SELECT o."offset" FROM shown AS o WHERE o.event = id), "offset") AS "offset",
             coalesce((SELECT o.length FROM shown AS o WHERE o.event = id), length) AS length,
             coalesce((SELECT o.type FROM shown AS o WHERE o.event = id), type) AS type,
             iif(id IN (SELECT event FROM shown), (SELECT o.txn FROM shown AS o WHERE o.event = id), txn) AS txn,
             iif(id IN (SELECT event FROM shown), (SELECT o.text FROM shown AS o WHERE o.event = id), text) AS text, shared, own, opened
      FROM event_opened) AS r;

CREATE VIEW witness AS          -- further places that attest an event
SELECT event, source, "offset", record, line, length, part FROM witness_row AS w
WHERE NOT EXISTS (SELECT 1 FROM shown AS o WHERE o.event = w.event AND o.source = w.source AND o."offset" = w."offset")
UNION ALL
SELECT id, source, "offset", record, coalesce(record + beyond, 0), length, 0 FROM event_row WHERE id IN (SELECT event FROM shown)
UNION ALL
SELECT r.id, r.source, r."offset" + o.value, r.record + n.value, coalesce(r.record + r.beyond + n.value + coalesce(b.value, 0), 0), z.value, 1
FROM event_row AS r JOIN json_each(r.lines) AS l JOIN json_each(l.value) AS n ON n.key = 0 JOIN json_each(l.value) AS o ON o.key = 1
JOIN json_each(l.value) AS z ON z.key = 2 LEFT JOIN json_each(l.value) AS b ON b.key = 3;

CREATE VIEW called AS           -- what an entity is called: an id by the name that the latest source gives it
SELECT e.id AS entity,
       coalesce((SELECT n.name FROM alias AS a JOIN entity AS n ON n.id = a.name JOIN source AS s ON s.id = a.source
                 WHERE a.entity = e.id ORDER BY s.serial DESC, s.last DESC, s.taken DESC, s.path DESC, s.member DESC, n.name LIMIT 1), e.name) AS name
FROM entity AS e;

CREATE VIEW identities AS       -- what was joined, why, how surely, and the first record that says so
SELECT (SELECT name FROM realm WHERE id = e.realm) AS realm, (SELECT name FROM called WHERE entity = i.entity) AS name, e.key AS key,
       (SELECT name FROM realm WHERE id = o.realm) AS same_realm, (SELECT name FROM called WHERE entity = i.same_as) AS same_as, o.key AS same_key,
       i.reason, i.strength, i.since, i.until, i.because, s.path || iif(s.member = '', '', '!' || s.member) AS source, coalesce(v.line, t.line) AS line
FROM identity AS i JOIN entity AS e ON e.id = i.entity JOIN entity AS o ON o.id = i.same_as
LEFT JOIN identity_cite AS c ON c.entity = i.entity AND c.same_as = i.same_as AND c.reason = i.reason AND c.ordinal = 1
LEFT JOIN event AS v ON v.id = c.event LEFT JOIN state AS t ON t.id = c.state LEFT JOIN source AS s ON s.id = coalesce(v.source, t.source);

CREATE VIEW mailbox AS          -- sources that hold mail messages as they are
SELECT id AS source FROM source WHERE status = 'read' AND format IN ('mbox', 'eml');

CREATE VIEW mail_log AS         -- sources in which a mail server tells of messages
SELECT id AS source FROM source AS s WHERE status = 'read'
  AND (format = 'exim' OR EXISTS (SELECT 1 FROM tally AS t WHERE t.source = s.id AND (t.type = 'queue' OR t.type GLOB 'postfix*')));

CREATE VIEW beside AS           -- sources that tell of a service's acts and are no part of its database
SELECT s.id AS source FROM source AS s WHERE s.status = 'read' AND s.realm IN (SELECT realm FROM service WHERE topic = 'same-transaction')
  AND s.profile NOT IN (SELECT d.profile FROM source AS d JOIN service AS v ON v.realm = d.realm AND v.topic = 'table' AND v.key IN ('accounts', 'journal')
                        JOIN tally AS t ON t.source = d.id AND t.type = v.value WHERE d.realm = s.realm AND d.profile IS NOT NULL);

CREATE VIEW attribute AS        -- the native fields of events, one by one
SELECT e.id AS event, f.key AS name, f.value AS value FROM event AS e JOIN json_each(e.fields) AS f;

CREATE VIEW timeline AS         -- one row per act of an incident
SELECT s.incident, s.phase, a.id AS act,
       strftime('%Y-%m-%dT%H:%M:%S', a.time / 1000000, 'unixepoch') || printf('.%06dZ', a.time % 1000000) AS time,
       strftime('%Y-%m-%dT%H:%M:%S', a.until / 1000000, 'unixepoch') || printf('.%06dZ', a.until % 1000000) AS until,
       v.name AS action,
       coalesce((SELECT name FROM called WHERE entity = a.actor), a.actor_text) AS actor,
       (SELECT name FROM called WHERE entity = a.target) AS target,
       (SELECT name FROM called WHERE entity = a.object) ||
       coalesce('/' || (SELECT name FROM called WHERE entity = a.version), '') || coalesce('/' || (SELECT name FROM called WHERE entity = a.file), '') AS object,
       a.text, s.because, a.why, s.fold
FROM scope AS s JOIN act AS a ON a.id = s.act JOIN vocabulary AS v ON v.number = a.action
ORDER BY coalesce(a.time, a.until), a.until, a.id;

CREATE VIEW findings AS
SELECT f.id, f.rule, f.level, f.title, f.message, (SELECT name FROM called WHERE entity = f.actor) AS actor,
       (SELECT name FROM called WHERE entity = f.target) AS target,
       s.path || iif(s.member = '', '', '!' || s.member) AS source, f.line, f."offset", f.length
FROM finding AS f LEFT JOIN source AS s ON s.id = f.source ORDER BY f.id;

CREATE VIEW coverage AS
SELECT path || iif(member = '', '', '!' || member) AS source, format, label, records, rejected,
       strftime('%Y-%m-%dT%H:%M:%SZ', first / 1000000, 'unixepoch') AS first,
       strftime('%Y-%m-%dT%H:%M:%SZ', last / 1000000, 'unixepoch') AS last,
       strftime('%Y-%m-%dT%H:%M:%SZ', taken / 1000000, 'unixepoch') AS taken, taken_basis
FROM source WHERE status = 'read' ORDER BY path, member;
