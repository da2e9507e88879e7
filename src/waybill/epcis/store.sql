-- Custody events of one installation. Times are microseconds since 1970 in UTC; words of the standard are bare.
CREATE TABLE item (
    number INTEGER PRIMARY KEY,
    item TEXT NOT NULL UNIQUE,              -- canonical Digital Link, or the URI as given
    is_class INTEGER NOT NULL,              -- 2: no item, but a transformation that joins inputs and outputs
    made INTEGER NOT NULL DEFAULT 0,        -- number of the event by which it came into being, 0: none
    ended INTEGER NOT NULL DEFAULT 0,
    ended_at INTEGER NOT NULL DEFAULT 0,
    parent INTEGER NOT NULL DEFAULT 0,      -- item in which it is packed
    parent_at INTEGER NOT NULL DEFAULT 0,
    whole INTEGER NOT NULL DEFAULT 0,       -- item of which it is a part
    whole_at INTEGER NOT NULL DEFAULT 0
);
CREATE TABLE capture (
    number INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    submitter TEXT NOT NULL,
    events INTEGER NOT NULL,                -- that were new
    marks INTEGER NOT NULL,
    forwarded INTEGER NOT NULL DEFAULT 0    -- whether its events are transfers in the lake
);
CREATE TABLE event (
    number INTEGER PRIMARY KEY,
    capture INTEGER NOT NULL,
    id TEXT NOT NULL,                       -- eventID as given, else the hash id
    identity BLOB NOT NULL UNIQUE,          -- SHA-256 of the canonical text; with the declaration, if it is one
    declares INTEGER NOT NULL,              -- 1: it declares the event of its id to be in error
    declared_at INTEGER,
    reason TEXT,
    corrective TEXT,                        -- ids, as JSON
    transfer BLOB NOT NULL,
    kind TEXT NOT NULL,
    time INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    action TEXT,
    biz_step TEXT,
    disposition TEXT,
    read_point TEXT,
    biz_location TEXT,
    source_owner TEXT,
    source_possessor TEXT,
    source_location TEXT,
    destination_owner TEXT,
    destination_possessor TEXT,
    destination_location TEXT,
    transformation TEXT,
    set_dispositions TEXT,                  -- JSON
    unset_dispositions TEXT,
    submitter TEXT NOT NULL,
    body BLOB NOT NULL                      -- the event as JSON, names of people replaced
);
CREATE INDEX event_id ON event (id);
CREATE INDEX event_time ON event (time, number);
CREATE INDEX event_capture ON event (capture);
CREATE TABLE event_item (
    event INTEGER NOT NULL,
    role TEXT NOT NULL,
    item INTEGER NOT NULL,
    is_class INTEGER NOT NULL,
    quantity REAL,
    unit TEXT,
    transfer BLOB NOT NULL
);
CREATE INDEX event_item_event ON event_item (event);
CREATE INDEX event_item_item ON event_item (item, event);
CREATE TABLE edge (                         -- from what went in to what came out of it; by both ends, with all it says
    source INTEGER NOT NULL,
    target INTEGER NOT NULL,
    time INTEGER NOT NULL,
    event INTEGER NOT NULL
);
CREATE INDEX edge_down ON edge (source, target, time, event);
CREATE INDEX edge_up ON edge (target, source, time, event);
CREATE TABLE reading (
    event INTEGER NOT NULL, time INTEGER, type TEXT NOT NULL, substance TEXT, component TEXT, value REAL, min REAL,
    max REAL, mean REAL, deviation REAL, percent REAL, unit TEXT, amount REAL, base TEXT, text TEXT, device TEXT,
    exception TEXT
);
CREATE INDEX reading_event ON reading (event);
CREATE TABLE paper (event INTEGER NOT NULL, kind TEXT NOT NULL, type TEXT, document TEXT NOT NULL);
CREATE INDEX paper_event ON paper (event);
CREATE TABLE attribute (event INTEGER NOT NULL, name TEXT NOT NULL, namespace TEXT, value TEXT NOT NULL);
CREATE INDEX attribute_event ON attribute (event);
CREATE TABLE mark (event INTEGER NOT NULL, item INTEGER NOT NULL, kind TEXT NOT NULL, other TEXT);
CREATE INDEX mark_item ON mark (item);
CREATE TABLE statement (
    vocabulary TEXT NOT NULL, id TEXT NOT NULL, name TEXT NOT NULL, value TEXT NOT NULL,
    PRIMARY KEY (vocabulary, id, name)
) WITHOUT ROWID;
CREATE TABLE job (id TEXT PRIMARY KEY, created_at INTEGER NOT NULL, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE named_query (name TEXT PRIMARY KEY, created_at INTEGER NOT NULL, content TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE subscription (
    id TEXT PRIMARY KEY, query TEXT NOT NULL, created_at INTEGER NOT NULL, content TEXT NOT NULL,
    seen INTEGER NOT NULL                   -- number of the last event that was sent
) WITHOUT ROWID;
PRAGMA user_version = 1;
