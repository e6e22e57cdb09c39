"""The tables that messages are kept in, and all that is asked of them."""

from typing import Final

SCHEMA_VERSION: Final = 1
SCHEMA: Final = f"""
CREATE TABLE conversation (
    id INTEGER PRIMARY KEY,
    key TEXT NOT NULL UNIQUE,
    number TEXT NOT NULL
);
CREATE TABLE message (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    identity BLOB NOT NULL UNIQUE,
    conversation INTEGER NOT NULL REFERENCES conversation,
    is_outgoing INTEGER NOT NULL,
    kind TEXT NOT NULL,
    number TEXT NOT NULL,
    text TEXT,
    subject TEXT,
    folded TEXT,
    files TEXT,
    state TEXT,
    error TEXT,
    time REAL NOT NULL,
    kept REAL NOT NULL,
    states TEXT NOT NULL,
    message_id TEXT,
    phone TEXT,
    sim INTEGER,
    parts INTEGER,
    is_unread INTEGER NOT NULL
);
CREATE INDEX message_page ON message (conversation, time, id);
CREATE INDEX message_unread ON message (conversation) WHERE is_unread;
CREATE INDEX message_sent ON message (message_id) WHERE is_outgoing;
CREATE TABLE deleted (identity BLOB PRIMARY KEY, kept REAL NOT NULL) WITHOUT ROWID;
PRAGMA user_version = {SCHEMA_VERSION};
"""
INSERT: Final = """
INSERT INTO message (
    identity, conversation, is_outgoing, kind, number, text, subject, folded, files,
    state, time, kept, states, message_id, phone, sim, is_unread
)
SELECT
    :identity, :conversation, :is_outgoing, :kind, :number, :text, :subject, :folded,
    :files, :state, :time, :kept, :states, :message_id, :phone, :sim, :is_unread
WHERE NOT EXISTS (SELECT 1 FROM deleted WHERE identity = :identity)
ON CONFLICT (identity) DO UPDATE SET
    text = coalesce(text, excluded.text),
    subject = coalesce(subject, excluded.subject),
    folded = coalesce(folded, excluded.folded),
    files = coalesce(files, excluded.files),
    phone = coalesce(excluded.phone, phone),
    sim = coalesce(sim, excluded.sim),
    error = iif(excluded.state IS NULL, error, NULL),
    state = iif(
        excluded.state IS NULL OR state IN ('Processed', 'Sent', 'Delivered'),
        state, excluded.state
    )
RETURNING id
"""
PROGRESS: Final = """
UPDATE message SET
    error = iif(rank(:state) > rank(state), :error, error),
    state = iif(rank(:state) > rank(state), :state, state),
    states = json_patch(:states, json_patch(states, :sure)),
    parts = coalesce(:parts, parts)
WHERE is_outgoing AND message_id = :message_id AND (
    :number IS NULL OR number = :number OR 1 = (
        SELECT count(*) FROM message WHERE is_outgoing AND message_id = :message_id
    )
)
RETURNING id
"""
# Its own clock writes the time of the one, the network's that of the other
HEADER_OF: Final = """
DELETE FROM message WHERE id = (
    SELECT id FROM message
    WHERE conversation = ? AND kind = 'mms_header' AND time <= ? + 600
    ORDER BY time, id LIMIT 1
)
"""
CONVERSATION: Final = """
INSERT INTO conversation (key, number) VALUES (:key, :number) ON CONFLICT DO NOTHING
"""
ITS_ID: Final = "SELECT id FROM conversation WHERE key = :key"
# A message with its conversation, as everyone reads it
SHOWN: Final = """
CREATE TEMP VIEW shown AS
SELECT
    m.id, c.key, c.number AS shown, m.is_outgoing, m.kind, m.number, m.text, m.subject,
    m.folded, m.files, m.state, m.error, m.time, m.states, m.message_id, m.phone, m.sim,
    m.parts, m.is_unread
FROM message m JOIN conversation c ON c.id = m.conversation;
"""
CONVERSATIONS: Final = """
SELECT shown.*, (
    SELECT count(*) FROM message u WHERE u.conversation = c.id AND u.is_unread
) AS unread
FROM conversation c JOIN shown ON shown.id = (
    SELECT id FROM message l WHERE l.conversation = c.id
    ORDER BY time DESC, id DESC LIMIT 1
)
WHERE :time IS NULL OR (shown.time, shown.id) < (:time, :id)
ORDER BY shown.time DESC, shown.id DESC LIMIT :limit
"""
PAGE: Final = """
SELECT * FROM shown
WHERE key = :key AND (:time IS NULL OR (time, id) < (:time, :id))
ORDER BY time DESC, id DESC LIMIT :limit
"""
THESE: Final = """
SELECT * FROM shown WHERE id IN (SELECT value FROM json_each(:ids)) ORDER BY time, id
"""
SEARCH: Final = """
SELECT * FROM shown WHERE instr(coalesce(folded, text), :text)
ORDER BY time DESC, id DESC LIMIT :limit
"""
# Their digests stay as long as messages are kept: what is fetched again must not
# bring them back
REMEMBER: Final = """
INSERT OR REPLACE INTO deleted SELECT identity, kept FROM message
WHERE :all OR id = :id OR
    conversation = (SELECT id FROM conversation WHERE key = :key)
"""
DELETE: Final = """
DELETE FROM message WHERE identity IN (SELECT identity FROM deleted)
"""
