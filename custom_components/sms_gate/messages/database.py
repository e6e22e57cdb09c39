"""The file that messages are kept in. All of it blocks: it runs in one worker thread."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import closing, suppress
from functools import lru_cache
import json
import os
from pathlib import Path
import sqlite3
import time
from typing import Any, Final

from ..account.numbering_changes import person
from ..account.phone_number import InvalidPhoneNumberError, clean, parse
from ..account.text import fold
from ..gateway.message_status import UNKNOWN, rank
from . import sql
from .record import Progress, Record

_MAX_BITS: Final = 63
_LOGGED_PAGES: Final = 1000
_DAMAGED: Final = {sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB}

type Row = dict[str, Any]
# The time and the number of the last row of a page
type Key = tuple[float, int]


class NewerFileError(sqlite3.DatabaseError):
    """A newer version wrote the file."""


@lru_cache(maxsize=4096)
def conversation_key(number: str, country: str | None) -> str:
    """Return what all spellings of a number have in common."""
    try:
        return person(parse(number, country).value)
    except InvalidPhoneNumberError:
        return clean(number).casefold()


class Database:
    """Messages and their conversations; ``was_set_aside`` after a file was damaged."""

    def __init__(self, path: Path) -> None:
        """Name the file; nothing is opened yet."""
        self.path = path
        self.was_set_aside = False
        self._is_held = False
        self._connection: sqlite3.Connection | None = None

    def run[T](self, read: Callable[[sqlite3.Connection], T]) -> T:
        """Return what is read or written in one transaction.

        A damaged file, or one of a newer version, is set aside.

        Raises:
            sqlite3.Error, OSError: the file cannot be used now.
        """
        try:
            return self._run(read)
        except sqlite3.DatabaseError as err:
            if not _is_damaged(err):
                raise
        self._set_aside()
        return self._run(read)

    def _run[T](self, read: Callable[[sqlite3.Connection], T]) -> T:
        if self._connection is None:
            self._connection = self._open()
        try:
            with self._connection:
                return read(self._connection)
        except sqlite3.Error:
            # The next try begins with the file as it is then
            self.close()
            raise

    def _open(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        os.close(os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600))
        self.path.chmod(0o600)
        connection = sqlite3.connect(self.path, check_same_thread=False)
        try:
            connection.row_factory = sqlite3.Row
            connection.create_function("rank", 1, _rank, deterministic=True)
            # What is deleted is overwritten; what was committed outlives a kill
            connection.executescript(
                "PRAGMA secure_delete = ON;"
                "PRAGMA journal_mode = WAL;"
                "PRAGMA synchronous = NORMAL;" + sql.SHOWN
            )
            (version,) = connection.execute("PRAGMA user_version").fetchone()
            if version > sql.SCHEMA_VERSION:
                raise NewerFileError
            if version == 0:
                connection.executescript(f"BEGIN IMMEDIATE;{sql.SCHEMA}COMMIT;")
            self._apply_hold(connection)
        except sqlite3.Error:
            connection.close()
            raise
        return connection

    def close(self) -> None:
        """Close the file."""
        if self._connection is not None:
            with suppress(sqlite3.Error), closing(self._connection):
                pass
            self._connection = None

    def hold(self, *, is_held: bool) -> None:
        """Leave the file as it is while it is copied; changes stay in their log."""
        self._is_held = is_held
        if self._connection is not None:
            self._apply_hold(self._connection)
        self._truncate()

    def _apply_hold(self, connection: sqlite3.Connection) -> None:
        pages = 0 if self._is_held else _LOGGED_PAGES
        connection.execute(f"PRAGMA wal_autocheckpoint = {pages}").fetchall()
        no_checkpoint = sqlite3.SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE
        connection.setconfig(no_checkpoint, self._is_held)

    def remove(self) -> None:
        """Delete the file, and what was set aside."""
        self.close()
        for path in self.path.parent.glob(f"{self.path.name}*"):
            path.unlink(missing_ok=True)

    def _set_aside(self) -> None:
        self.close()
        self.path.replace(self.path.with_name(f"{self.path.name}.damaged"))
        for end in ("-wal", "-shm"):
            self.path.with_name(self.path.name + end).unlink(missing_ok=True)
        self.was_set_aside = True

    def write(
        self,
        items: Iterable[Record | Progress],
        country: str | None,
        oldest: float,
    ) -> tuple[list[int], int]:
        """Write records and progress; return the rows that changed, and all unread.

        What is older than the oldest that is kept is left out.
        """

        def write(connection: sqlite3.Connection) -> tuple[list[int], int]:
            changed: dict[int, None] = {}
            for item in items:
                if isinstance(item, Progress):
                    rows = connection.execute(
                        sql.PROGRESS, _storable(_progress(item))
                    ).fetchall()
                elif item.kept < oldest:
                    continue
                else:
                    rows = self._insert(connection, item, country)
                changed |= dict.fromkeys(row["id"] for row in rows)
            return list(changed), _unread(connection)

        return self.run(write)

    def _insert(
        self, connection: sqlite3.Connection, record: Record, country: str | None
    ) -> list[sqlite3.Row]:
        key = conversation_key(record.written_to, country)
        names = _storable({"key": key, "number": record.written_to})
        connection.execute(sql.CONVERSATION, names)
        (conversation,) = connection.execute(sql.ITS_ID, names).fetchone()
        if record.kind == "mms" and not record.is_outgoing:
            connection.execute(sql.HEADER_OF, (conversation, record.time))
        text = "\n".join(filter(None, (record.subject, record.text)))
        folded = fold(text)
        values = {
            "identity": record.identity,
            "conversation": conversation,
            "is_outgoing": record.is_outgoing,
            "kind": record.kind,
            "number": record.number,
            "text": record.text,
            "subject": record.subject,
            "folded": folded if folded != record.text else None,
            "files": record.files,
            "state": record.state,
            "time": record.time,
            "kept": record.kept,
            "states": json.dumps(record.states),
            "message_id": record.message_id,
            "phone": record.phone,
            "sim": record.sim,
            "is_unread": record.is_unread,
        }
        return connection.execute(sql.INSERT, _storable(values)).fetchall()

    def conversations(self, limit: int, before: Key | None) -> list[Row]:
        """Return conversations with their last message, the newest first."""
        return self._rows(sql.CONVERSATIONS, limit=limit, **_before(before))

    def messages(self, key: str, limit: int, before: Key | None) -> list[Row]:
        """Return a page of a conversation, the newest first."""
        return self._rows(sql.PAGE, key=key, limit=limit, **_before(before))

    def rows(self, ids: Iterable[int]) -> list[Row]:
        """Return these messages."""
        return self._rows(sql.THESE, ids=json.dumps(list(ids)))

    def search(self, text: str, limit: int) -> list[Row]:
        """Return the newest messages with this text, however it is written."""
        return self._rows(sql.SEARCH, text=fold(text), limit=limit)

    def _rows(self, query: str, **values: object) -> list[Row]:
        return self.run(
            lambda connection: list(
                map(dict, connection.execute(query, _storable(values)))
            )
        )

    def unread(self) -> int:
        """Return how many messages nobody has read."""
        return self.run(_unread)

    def mark_read(self, key: str, until: int) -> int:
        """Mark a conversation as read up to a message; return all that is unread."""

        def mark(connection: sqlite3.Connection) -> int:
            connection.execute(
                "UPDATE message SET is_unread = 0 WHERE is_unread AND id <= ? AND "
                "conversation = (SELECT id FROM conversation WHERE key = ?)",
                (until, key),
            )
            return _unread(connection)

        return self.run(mark)

    def delete(self, message: int | None, key: str | None) -> int:
        """Delete a message or a conversation, without either all, for good.

        Returns what is unread then.
        """

        def delete(connection: sqlite3.Connection) -> int:
            is_all = message is None and key is None
            values = {"all": is_all, "id": message, "key": key}
            connection.execute(sql.REMEMBER, values)
            connection.execute(sql.DELETE)
            _remove_empty(connection)
            return _unread(connection)

        unread = self.run(delete)
        self._truncate()
        return unread

    def tidy(self, oldest: float) -> int:
        """Remove what was kept before a time; return all that is unread."""

        def tidy(connection: sqlite3.Connection) -> int:
            connection.execute("DELETE FROM message WHERE kept < ?", (oldest,))
            connection.execute("DELETE FROM deleted WHERE kept < ?", (oldest,))
            _remove_empty(connection)
            return _unread(connection)

        unread = self.run(tidy)
        self._truncate()
        return unread

    def _truncate(self) -> None:
        """Leave nothing of what was deleted in the log of changes."""
        if self._connection is not None and not self._is_held:
            with suppress(sqlite3.Error):
                self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _unread(connection: sqlite3.Connection) -> int:
    query = "SELECT count(*) FROM message WHERE is_unread"
    return int(connection.execute(query).fetchone()[0])


def _remove_empty(connection: sqlite3.Connection) -> None:
    connection.execute(
        "DELETE FROM conversation WHERE NOT EXISTS "
        "(SELECT 1 FROM message WHERE conversation = conversation.id)"
    )


def _progress(item: Progress) -> Mapping[str, object]:
    """Return the values of an update; a time that the phone names is the sure one."""
    at = time.time() if item.time is None else item.time
    return {
        "message_id": item.message_id,
        "number": item.number,
        "state": item.state,
        "error": item.error,
        "states": json.dumps({item.state: at}),
        "sure": json.dumps({} if item.time is None else {item.state: at}),
        "parts": item.parts,
    }


def _rank(state: str | None) -> float:
    """Return how far a state is; one that is unknown is further than pending only."""
    return 0.5 if state == UNKNOWN else float(rank(state or ""))


def _before(before: Key | None) -> dict[str, object]:
    return {"time": before and before[0], "id": before and before[1]}


def _storable(values: Mapping[str, object]) -> dict[str, object]:
    """Return values without what no file can hold: half characters, huge numbers."""
    return {
        name: value.encode(errors="replace").decode()
        if isinstance(value, str)
        else None
        if isinstance(value, int) and value.bit_length() > _MAX_BITS
        else value
        for name, value in values.items()
    }


def _is_damaged(err: sqlite3.DatabaseError) -> bool:
    code = getattr(err, "sqlite_errorcode", 0) & 0xFF
    return isinstance(err, NewerFileError) or code in _DAMAGED
