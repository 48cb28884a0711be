"""Works out what ZenML's migrations do to data, and writes src/backup/migrations.ts.

`seed FILE` is run with a tested release and makes a database of it with rows in every table. `trace OUTPUT FILE...` is run
with the newest one: it reads every migration script in between, migrates each database one revision after the other, and
fails when a database shows a change of data that was not read in the scripts. docs/development.md has the commands.
"""

import ast
import base64
import json
import re
import sqlite3
import sys
from pathlib import Path

# The condition of a DELETE is not worked out from its source: a row may go where all of these columns are NULL.
DELETED = {"8e36b8227160": {"logs": ["pipeline_run_id", "step_run_id"]}}
ROWS = 3


def alembic(path):
    import sqlalchemy
    from zenml.zen_stores.migrations.alembic import Alembic

    return Alembic(sqlalchemy.create_engine(f"sqlite:///{path}"))


def seed(path):
    from sqlmodel import SQLModel
    import zenml.zen_stores.schemas  # noqa: F401

    migrations = alembic(path)
    SQLModel.metadata.create_all(migrations.engine)
    migrations.stamp("heads")
    migrations.engine.dispose()
    fill(path)


def fill(path):
    """Gives every empty table rows, so that no branch of a later migration finds nothing to do."""
    with sqlite3.connect(path) as connection:
        for table in tables(connection):
            quoted = f'"{table}"'
            if connection.execute(f"SELECT 1 FROM {quoted} LIMIT 1").fetchone():
                continue
            columns = connection.execute(f"PRAGMA table_info({quoted})").fetchall()
            for number in range(ROWS):
                values = [value(table, column, number) for column in columns]
                marks = ", ".join("?" for _ in columns)
                connection.execute(f"INSERT INTO {quoted} VALUES ({marks})", values)


def value(table, column, number):
    """Equal numbers in all tables belong together; the last row has only what it must have."""
    _, name, kind, required, _, key = column
    # A CHECK of this table wants exactly one of the two.
    if (table, name) == ("step_configuration", "step_run_id"):
        return None
    required = required or (table, name) == ("step_configuration", "snapshot_id")
    if number == ROWS - 1 and not required and not key:
        return None
    if name == "id" or name.endswith("_id") or "CHAR(32)" in kind:
        return f"{number + 1:032x}"
    if "INT" in kind or "BOOL" in kind:
        return number % 2 if "BOOL" in kind else number
    if "DATE" in kind:
        return f"2025-01-0{number + 1} 00:00:00.000000"
    if "BLOB" in kind or "BINARY" in kind:
        return base64.b64encode(b"{}")
    # ZenML 0.91.0 renames a deployer of this name.
    if number == 0 and name in ("name", "type"):
        return {"name": "default", "type": "deployer"}[name]
    return f"{name}-{number}"


def tables(connection):
    rows = connection.execute(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'alembic_version' ORDER BY name"
    )
    return [row[0] for row in rows]


def snapshot(path):
    """Rows by key, of every table with a key."""
    with sqlite3.connect(path) as connection:
        connection.row_factory = sqlite3.Row
        found = {}
        for table in tables(connection):
            info = connection.execute(f'PRAGMA table_info("{table}")').fetchall()
            key = [
                column["name"] for column in sorted(info, key=lambda one: one["pk"]) if column["pk"]
            ]
            rows = [dict(row) for row in connection.execute(f'SELECT * FROM "{table}"')]
            found[table] = {
                "key": key,
                "columns": {column["name"] for column in info},
                "rows": rows,
            }
        return found


def read_script(path):
    """What a migration script says that it does to data, as lists of (table, column)."""
    tree = next(
        node
        for node in ast.parse(path.read_text()).body
        if isinstance(node, ast.FunctionDef) and node.name == "upgrade"
    )
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            if called(node.value).lower().endswith((".table",)) and node.value.args:
                names[ast.unparse(node.targets[0])] = literal(node.value.args[0])
        if isinstance(node, ast.With):
            for item in node.items:
                if called(item.context_expr) == "op.batch_alter_table":
                    table = literal(item.context_expr.args[0])
                    for inner in ast.walk(node):
                        if isinstance(inner, ast.Call) and called(inner).startswith("batch_op."):
                            inner.table = table
    found = {"updated": [], "deleted": [], "dropped": [], "columns": [], "renamed": {}}
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            read_call(node, names, found)
    return found


def read_call(node, names, found):
    name = called(node)
    if name == "op.drop_table":
        found["dropped"].append(literal(node.args[0]))
    elif name == "op.rename_table":
        found["renamed"][literal(node.args[0])] = literal(node.args[1])
    elif name == "batch_op.drop_column":
        found["columns"].append((node.table, literal(node.args[0])))
    elif name == "batch_op.alter_column" and any(
        word.arg == "new_column_name" for word in node.keywords
    ):
        found["columns"].append((node.table, literal(node.args[0])))
    elif name in ("sa.delete", "sqlalchemy.delete"):
        found["deleted"].append(names[ast.unparse(node.args[0])])
    elif name.endswith(".values") and re.search(
        r"\b(?:sa|sqlalchemy)\.update\((\w+)", ast.unparse(node)
    ):
        table = re.search(r"\.update\((\w+)", ast.unparse(node)).group(1)
        found["updated"].append((names[table], sorted(word.arg for word in node.keywords)))
    elif name == "op.execute":
        read_sql(node, found)


def read_sql(node, found):
    text = next((part.value for part in ast.walk(node) if isinstance(part, ast.Constant)), "")
    update = re.match(r"\s*UPDATE (\w+) SET (\w+)\s*=", text)
    if update is None or "," in text:
        raise SystemExit(f"not understood, read it by hand: {ast.unparse(node)}")
    found["updated"].append((update.group(1), [update.group(2)]))


def called(node):
    return ast.unparse(node.func) if isinstance(node, ast.Call) else ""


def literal(node):
    return ast.literal_eval(node)


def compare(before, after, script, revision):
    """Fails for a change of data that the script does not say. Returns the columns that are new."""
    fresh = {(table, column) for table in after for column in after[table]["columns"]} - {
        (table, column) for table in before for column in before[table]["columns"]
    }
    updated = {(table, column) for table, columns in script["updated"] for column in columns}
    for table, old in before.items():
        name = script["renamed"].get(table, table)
        if table in script["dropped"]:
            continue
        if name not in after:
            raise SystemExit(
                f"{revision}: the table {table} is gone, and its script does not say so"
            )
        new = {tuple(row[column] for column in old["key"]): row for row in after[name]["rows"]}
        for row in old["rows"]:
            found = new.get(tuple(row[column] for column in old["key"]))
            if found is None:
                allowed = DELETED.get(revision, {}).get(table)
                if allowed is None or any(row[column] is not None for column in allowed):
                    raise SystemExit(f"{revision}: a row of {table} is gone")
                continue
            for column, was in row.items():
                if column not in found:
                    if (table, column) not in script["columns"]:
                        raise SystemExit(f"{revision}: the column {table}.{column} is gone")
                elif found[column] != was and (name, column) not in updated:
                    raise SystemExit(f"{revision}: {table}.{column} was rewritten")
    return fresh


def trace(paths):
    oldest = {path: alembic(path).current_revisions()[0] for path in paths}
    migrations = alembic(paths[0])
    first = min(oldest.values(), key=lambda text: [int(part) for part in text.split(".")])
    revisions = list(migrations.script_directory.iterate_revisions("heads", first))[::-1]
    release = {"version": first, **nothing()}
    releases, current, fresh = [release], nothing(), set()
    for revision in revisions:
        script = read_script(Path(revision.path))
        for path in paths:
            if not reaches(migrations, oldest[path], revision.revision):
                continue
            before = snapshot(path)
            one = alembic(path)
            one.upgrade(revision.revision)
            one.engine.dispose()
            fresh |= compare(before, snapshot(path), script, revision.revision)
            fill(path)
        collect(current, script, revision, fresh)
        if re.fullmatch(r"\d+\.\d+\.\d+", revision.revision):
            releases.append({"version": revision.revision, **current})
            current, fresh = nothing(), set()
    return releases


def reaches(migrations, start, revision):
    return (
        any(
            one.revision == start
            for one in migrations.script_directory.iterate_revisions(revision, "base")
        )
        and revision != start
    )


def nothing():
    return {
        "sources": [],
        "renamedTables": {},
        "droppedTables": [],
        "droppedColumns": {},
        "rewritten": {},
        "deletedWithout": {},
    }


def collect(current, script, revision, fresh):
    before = json.dumps({**current, "sources": []})
    current["renamedTables"].update(script["renamed"])
    current["droppedTables"] += sorted(script["dropped"])
    for table, column in script["columns"]:
        current["droppedColumns"].setdefault(table, []).append(column)
    for table, columns in script["updated"]:
        # A row whose `updated` is set too is seen to have changed. A column that is new is not in any backup.
        for column in columns if "updated" not in columns else []:
            if (table, column) not in fresh and column not in current["rewritten"].get(table, []):
                current["rewritten"].setdefault(table, []).append(column)
    for table in script["deleted"]:
        if table not in DELETED.get(revision.revision, {}):
            raise SystemExit(
                f"{revision.revision}: deletes from {table}; read its condition by hand"
            )
        current["deletedWithout"][table] = DELETED[revision.revision][table]
    if json.dumps({**current, "sources": []}) != before:
        current["sources"].append(Path(revision.path).name)


def render(releases):
    versions = [release["version"] for release in releases]
    changing = {
        release["version"]: {
            name: value for name, value in release.items() if value and name != "version"
        }
        for release in releases
        if release["sources"]
    }
    return f"""// Written by scripts/migrations.py; docs/development.md says how. Do not edit.

/** What the migrations of one release do to rows and columns that the release before it had. */
export interface ReleaseMigrations {{
  /** Migration scripts of ZenML that do it. */
  readonly sources: readonly string[]
  readonly renamedTables?: Readonly<Record<string, string>>
  readonly droppedTables?: readonly string[]
  readonly droppedColumns?: Readonly<Record<string, readonly string[]>>
  readonly rewritten?: Readonly<Record<string, readonly string[]>>
  /** By table: a row goes where all of these columns are NULL. */
  readonly deletedWithout?: Readonly<Record<string, readonly string[]>>
}}

/** Every release of ZenML from the oldest to the newest one that was read, in order. */
export const READ_RELEASES: readonly string[] = {json.dumps(versions)}

/** By release; one that is missing does nothing to data that was there. */
export const RELEASE_MIGRATIONS: Readonly<Record<string, ReleaseMigrations>> = {json.dumps(changing, indent=2)}
"""


if __name__ == "__main__":
    if sys.argv[1] == "seed":
        seed(sys.argv[2])
    else:
        # ZenML logs to standard output.
        Path(sys.argv[2]).write_text(render(trace(sys.argv[3:])))
