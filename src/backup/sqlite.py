"""The parts of a SQLite backup that need SQLite: run as `python -I -c <this> <operation>`, JSON in, JSON out.

Only the standard library. Errors are an exit code of 1 and one line on standard error.
"""

import base64
import json
import os
import sqlite3
import sys
from pathlib import Path

# ZenML itself waits this long for a lock.
BUSY_SECONDS = 60


def connect(path, mode):
    """Opens a database that exists. `immutable` leaves no -wal or -shm file beside a backup."""
    options = "mode=ro&immutable=1" if mode == "immutable" else f"mode={mode}"
    uri = f"{Path(path).absolute().as_uri()}?{options}"
    return sqlite3.connect(uri, uri=True, timeout=BUSY_SECONDS, isolation_level=None)


def name(identifier):
    return '"' + identifier.replace('"', '""') + '"'


def tables(connection):
    # The rows of a virtual table are in others that are listed, and its module may not be installed here.
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite\\_%' ESCAPE '\\'"
        " AND sql NOT LIKE 'CREATE VIRTUAL TABLE %' ORDER BY name"
    )
    return [row[0] for row in rows.fetchall()]


def shape(connection, table):
    columns = connection.execute(f"PRAGMA table_info({name(table)})").fetchall()
    keyed = sorted((column for column in columns if column[5] > 0), key=lambda column: column[5])
    return {
        "rows": connection.execute(f"SELECT COUNT(*) FROM {name(table)}").fetchone()[0],
        "columns": [column[1] for column in columns],
        "key": [column[1] for column in keyed],
    }


def revision(connection):
    if "alembic_version" not in tables(connection):
        return None
    row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return row[0] if row else None


def newest(connection, shapes):
    """The latest stamp of any row. Stamps are texts that sort by time."""
    latest = None
    for table, one in shapes.items():
        for column in ("created", "updated"):
            if column in one["columns"]:
                found = connection.execute(
                    f"SELECT MAX({name(column)}) FROM {name(table)}"
                ).fetchone()[0]
                if isinstance(found, str) and (latest is None or found > latest):
                    latest = found
    return latest


def describe(connection):
    shapes = {table: shape(connection, table) for table in tables(connection)}
    return {
        "tables": shapes,
        "revision": revision(connection),
        "newest": newest(connection, shapes),
    }


def inspect(job):
    # Opened for writing where allowed: SQLite may have to roll back what a killed server left half written.
    connection = connect(job["path"], "rw")
    connection.execute("BEGIN")
    return describe(connection)


def server_id(job):
    try:
        row = connect(job["path"], "rw").execute("SELECT id FROM server_settings").fetchone()
    except sqlite3.OperationalError:
        row = None
    return {"id": None if row is None else str(row[0])}


def back_up(job):
    source = connect(job["path"], "rw")
    # One read transaction around the listing and the copy, so that the two must be equal whatever others write meanwhile.
    source.execute("BEGIN")
    before = describe(source)
    descriptor = os.open(job["copy"], os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    os.close(descriptor)
    copy = sqlite3.connect(job["copy"])
    source.backup(copy)
    copy.close()
    source.execute("COMMIT")
    source.close()
    descriptor = os.open(job["copy"], os.O_RDWR)
    os.fsync(descriptor)
    # What is read from now on comes from the disk, not from memory, where the system can do that.
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    os.close(descriptor)
    after = check({"path": job["copy"]})
    if after != before:
        differing = sorted(
            table
            for table in before["tables"].keys() | after["tables"].keys()
            if before["tables"].get(table) != after["tables"].get(table)
        )
        raise SystemExit(
            f"the copy differs from the source: {', '.join(differing) or 'revision or time stamps'}"
        )
    return after


def check(job):
    connection = connect(job["path"], "immutable")
    problems = [row[0] for row in connection.execute("PRAGMA integrity_check(10)").fetchall()]
    if problems != ["ok"]:
        raise SystemExit(f"integrity check: {'; '.join(problems)}")
    return describe(connection)


def beside_backup(job):
    """The live database with the backup attached, in one read transaction."""
    live = connect(job["live"], "rw")
    live.execute(
        "ATTACH DATABASE ? AS backup",
        (f"{Path(job['backup']).absolute().as_uri()}?mode=ro&immutable=1",),
    )
    live.execute("BEGIN")
    return live


def compare(job):
    live = beside_backup(job)
    pairs = [{"table": pair["table"], **compare_table(live, pair)} for pair in job["pairs"]]
    fresh = [
        {"table": one["table"], "added": count_fresh(live, one, job["newest"])}
        for one in job["fresh"]
    ]
    return {"pairs": pairs, "fresh": fresh}


def matched(pair):
    """Both tables, and the condition that makes two rows the same one."""
    old, new = f"backup.{name(pair['table'])}", f"main.{name(pair['live'])}"
    same = " AND ".join(f"old.{name(column)} IS new.{name(column)}" for column in pair["key"])
    return old, new, same


def compare_table(connection, pair):
    old, new, same = matched(pair)
    users = pair["usersColumn"]

    def alone(one, other):
        only = f"{one}.{name(users)} <> 0 AND " if users else ""
        sources = {"old": old, "new": new}
        return (
            f"SELECT COUNT(*) FROM {sources[one]} AS {one} WHERE {only}"
            f"NOT EXISTS (SELECT 1 FROM {sources[other]} AS {other} WHERE {same})"
        )

    changed = 0
    if pair["compared"]:
        differs = " OR ".join(
            f"old.{name(column)} IS NOT new.{name(column)}" for column in pair["compared"]
        )
        only = f" AND new.{name(users)} <> 0" if users else ""
        changed = connection.execute(
            f"SELECT COUNT(*) FROM {new} AS new JOIN {old} AS old ON {same} WHERE ({differs}){only}"
        ).fetchone()[0]
    return {
        "added": connection.execute(alone("new", "old")).fetchone()[0],
        "changed": changed,
        "deleted": connection.execute(alone("old", "new")).fetchone()[0],
    }


def count_fresh(connection, one, newest_stamp):
    conditions, values = [], []
    if one["created"] and newest_stamp is not None:
        conditions.append(f"{name(one['created'])} > ?")
        values.append(newest_stamp)
    if one["usersColumn"]:
        conditions.append(f"{name(one['usersColumn'])} <> 0")
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    return connection.execute(
        f"SELECT COUNT(*) FROM main.{name(one['table'])}{where}", values
    ).fetchone()[0]


def lost(job):
    live = beside_backup(job)
    live.create_function("path_in", 1, path_in, deterministic=True)
    return {"tables": [{"table": one["table"], **lost_rows(live, one)} for one in job["kept"]]}


def lost_rows(connection, kept):
    """Counts rows of the backup that are gone, rows that were changed since, and by column rows that differ."""
    old, new, same = matched(kept)
    conditions = [f"NOT EXISTS (SELECT 1 FROM {new} AS new WHERE {same})"]
    only = f" AND old.{name(kept['usersColumn'])} <> 0" if kept["usersColumn"] else ""
    if kept["mayVanishWithout"]:
        there = [f"old.{name(column)} IS NOT NULL" for column in kept["mayVanishWithout"]]
        conditions.append(f"({' OR '.join(there)})")
    gone = f"FROM {old} AS old WHERE {' AND '.join(conditions)}{only}"
    first = name(kept["key"][0])
    differences = " , ".join(f"TOTAL({sql})" for sql in differences_of(kept)) or "0"
    sums = connection.execute(
        f"SELECT TOTAL({changed_since(kept)}), {differences} FROM {old} AS old JOIN {new} AS new ON {same} WHERE 1{only}"
    ).fetchone()
    return {
        "missing": connection.execute(f"SELECT COUNT(*) {gone}").fetchone()[0],
        "examples": [
            str(row[0])
            for row in connection.execute(f"SELECT old.{first} {gone} LIMIT 2").fetchall()
        ],
        "changed": int(sums[0]),
        "differing": [int(amount) for amount in sums[1:]] if differences_of(kept) else [],
    }


def changed_since(kept):
    if kept["stamp"] is None:
        return "0"
    stamp = name(kept["stamp"])
    return f"(new.{stamp} IS NOT NULL AND (old.{stamp} IS NULL OR new.{stamp} > old.{stamp}))"


def differences_of(kept):
    """One expression for each compared column, then one for each location."""
    unchanged = f"NOT {changed_since(kept)}"
    return [
        f"({unchanged} AND {differs('old.' + name(column), 'new.' + name(column))})"
        for column in kept["compared"]
    ] + [f"({differs(place('old', one), place('new', one))})" for one in kept["locations"]]


def differs(old, new):
    return f"{old} IS NOT {new}"


def place(side, location):
    column, _, inner = location.partition(".")
    return f"path_in({side}.{name(column)})" if inner else f"{side}.{name(column)}"


def path_in(configuration):
    """The path inside the configuration of a component; None where there is none."""
    try:
        path = json.loads(base64.b64decode(configuration)).get("path")
    except (ValueError, TypeError, AttributeError):
        return None
    return path if isinstance(path, str) else None


OPERATIONS = {
    "inspect": inspect,
    "server-id": server_id,
    "back-up": back_up,
    "check": check,
    "compare": compare,
    "lost": lost,
}

if __name__ == "__main__":
    try:
        json.dump(OPERATIONS[sys.argv[1]](json.load(sys.stdin)), sys.stdout)
    except (sqlite3.Error, OSError) as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from error
