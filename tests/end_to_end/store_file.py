"""The file of a stopped server, as somebody with sqlite3 sees it (docs/formats/store-sqlite.md)."""

import contextlib
import shutil
import sqlite3
import struct

# src/rows/table.h
TABLES = {
    "seal": 1, "mounts": 10, "policies": 11, "entities": 12, "aliases": 13, "tokens": 14,
    "token_accessors": 15, "token_roles": 16, "approles": 17, "secret_ids": 18, "users": 19,
    "lockouts": 20, "wraps": 21, "settings": 22, "role_ids": 23, "policy_history": 24,
    "secrets": 30, "revisions": 31, "cubbyholes": 32, "jobs": 40,
}


# src/store/sqlite/log_segment.h
SEGMENT_HEAD, FRAME_HEAD, FRAME_ALIGN, FRAME_MAGIC = 64, 32, 64, b"CFL1"


class Row:
    def __init__(self, number, place, revision, entries, blob):
        self.number, self.place, self.revision = number, place, revision
        self.entries, self.blob = entries, blob

    @property
    def table(self):
        return struct.unpack(">H", self.place[:2])[0]

    @property
    def key(self):
        return self.place[6:]


class StoreFile:
    """Edits rows in place; every method opens and closes the file, so that no lock stays."""

    def __init__(self, folder):
        self.path = folder / "coffer.db"

    @contextlib.contextmanager
    def open(self):
        with contextlib.closing(sqlite3.connect(self.path, isolation_level=None)) as database:
            yield database

    def rows(self, table):
        with self.open() as database:
            found = database.execute("SELECT id, place, revision, entries, blob FROM item"
                                     " WHERE substr(place, 1, 2) = ? ORDER BY place",
                                     (struct.pack(">H", TABLES[table]),)).fetchall()
        return [Row(*columns) for columns in found]

    def row(self, table, part=b""):
        """The one row whose key holds `part`."""
        (found,) = [row for row in self.rows(table) if part in row.key]
        return found

    def set_blob(self, row, blob):
        with self.open() as database:
            database.execute("UPDATE item SET blob = ? WHERE place = ?", (blob, row.place))

    def put(self, row):
        """As it was: blob, revision and index entries of an earlier time."""
        with self.open() as database:
            database.execute("DELETE FROM item WHERE place = ?", (row.place,))
            database.execute("INSERT INTO item(place, revision, entries, blob) VALUES (?, ?, ?, ?)",
                             (row.place, row.revision, row.entries, row.blob))

    def delete(self, row):
        """With its index entries, as a careful hand would."""
        with self.open() as database:
            database.execute("DELETE FROM item WHERE place = ?", (row.place,))
            database.execute("DELETE FROM entry WHERE row_key = ?", (row.key,))

    def frames(self):
        """{sequence: (path, offset, octets of the frame, record)} of the log's segments."""
        found = {}
        for path in sorted(self.path.parent.glob(self.path.name + "-log1-*")):
            content, at = path.read_bytes(), SEGMENT_HEAD
            while at + FRAME_HEAD <= len(content) and content[at:at + 4] == FRAME_MAGIC:
                length, sequence = struct.unpack(">IQ", content[at + 4:at + 16])
                size = -(-(FRAME_HEAD + length) // FRAME_ALIGN) * FRAME_ALIGN
                record = content[at + FRAME_HEAD:at + FRAME_HEAD + length]
                found[sequence] = (path, at, size, record)
                at += size
        return found

    def log(self):
        """{sequence: record} of the audit log, in order."""
        with self.open() as database:
            records = dict(database.execute("SELECT sequence, record FROM log_1"))
        records.update({sequence: frame[3] for sequence, frame in self.frames().items()})
        return dict(sorted(records.items()))

    def set_log(self, sequence, record):
        """Another record of the same length."""
        frame = self.frames().get(sequence)
        if frame:
            with open(frame[0], "r+b") as segment:
                segment.seek(frame[1] + FRAME_HEAD)
                segment.write(record)
            return
        with self.open() as database:
            database.execute("UPDATE log_1 SET record = ? WHERE sequence = ?", (record, sequence))

    def remove_from_log(self, sequences):
        """As if they had never been: the frames behind them move up."""
        for sequence, (path, at, size, _) in sorted(self.frames().items(), reverse=True):
            if sequence in sequences:
                content = path.read_bytes()
                path.write_bytes(content[:at] + content[at + size:] + bytes(size))
        with self.open() as database:
            database.executemany("DELETE FROM log_1 WHERE sequence = ?", [(n,) for n in sequences])


def flip(blob, at=-1):
    """One bit of one octet changed."""
    changed = bytearray(blob)
    changed[at] ^= 1
    return bytes(changed)


def copy_data(source, target):
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(source, target)
    target.chmod(0o700)
