"""PostgreSQL databases for the tests: made once from a migrated template, given back as empty as they were made.

Creating and dropping a database costs PostgreSQL a third of a second of disk; emptying one costs a few milliseconds.
"""

from __future__ import annotations

from types import TracebackType
from typing import Self

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import URL

from semaphore_hub.kernel.ids import new_id

LARGE_BYTES = 4 * 1024 * 1024
"""A table left larger than this would slow the next tests even when emptied: deleted rows keep their room."""

_SCHEMA = text("""
    SELECT md5(string_agg(fact, ' ' ORDER BY fact)) FROM (
        SELECT concat_ws(',', c.oid, c.relname, a.attname, a.atttypid, a.atttypmod, a.attnotnull) AS fact
        FROM pg_class c LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
        WHERE c.relnamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(',', oid, conname) FROM pg_constraint WHERE connamespace = 'public'::regnamespace
        UNION ALL SELECT concat_ws(',', t.oid, t.tgname, t.tgenabled) FROM pg_trigger t WHERE NOT t.tgisinternal
        UNION ALL SELECT concat_ws(',', oid, proname) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
    ) facts
""")
_LARGEST = text("""
    SELECT coalesce(max(pg_total_relation_size(oid)), 0) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
""")
_LEAVE = text("""
    SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'
""")
_EMPTY = text("""
    DO $$
    DECLARE name text;
    BEGIN
        FOR name IN SELECT oid::regclass FROM pg_class
            WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
        LOOP
            EXECUTE 'DELETE FROM ' || name;
        END LOOP;
    END $$
""")
_NUMBERING = text("""
    SELECT format('%I.%I', schemaname, sequencename) AS name, coalesce(last_value, start_value) AS value,
        last_value IS NOT NULL AS given
    FROM pg_sequences
""")
_NUMBER = text("SELECT setval(CAST(:name AS regclass), :value, :given)")
_TABLES = text("""
    SELECT oid::regclass::text FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r' AND relname <> 'alembic_version'
""")


class PostgresDatabases:
    """One database at a time, the same as long as what a test left can be undone; else a new clone of the template.

    A clone is emptied (rows, numbering, connections left open) when it is given back, and has the rows that the
    migrations wrote again. It is thrown away when its schema is no longer the template's, or when a test left a table
    larger than :data:`LARGE_BYTES`.
    """

    def __init__(self, admin: Engine, template: str) -> None:
        self._admin = admin
        self._template = template
        self._name = ""
        self._engine: Engine | None = None
        self._schema = ""
        self._numbering: list[dict[str, object]] = []
        self._written: dict[str, str] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._throw_away()

    def take(self) -> URL:
        """URL of a database with every migration applied and nothing else in it."""
        if self._engine is None:
            self._clone()
        return self._admin.url.set(database=self._name)

    def give_back(self) -> None:
        """Make the database ready for the next test, or let the next test have another."""
        assert self._engine is not None
        with self._engine.connect() as connection:
            connection.execute(_LEAVE)
            same = self._schema == _schema(connection)
            if same and connection.execute(_LARGEST).scalar_one() <= LARGE_BYTES:
                connection.execute(_EMPTY)
                if self._numbering:
                    connection.execute(_NUMBER, self._numbering)
                for table, rows in self._written.items():
                    again = (
                        f"INSERT INTO {table} SELECT * FROM json_populate_recordset(NULL::{table}, CAST(:rows AS json))"
                    )
                    connection.execute(text(again), {"rows": rows})
                return
        self._throw_away()

    def _clone(self) -> None:
        self._name = f"semaphore_test_{new_id().replace('-', '')}"
        with self._admin.connect() as connection:
            connection.execute(text(f"CREATE DATABASE {self._name} TEMPLATE {self._template}"))
            # What is proved against killed processes does not need the disk of the server at every commit.
            connection.execute(text(f"ALTER DATABASE {self._name} SET synchronous_commit = off"))
        self._engine = create_engine(
            self._admin.url.set(database=self._name),
            isolation_level="AUTOCOMMIT",
            # Neither foreign keys nor triggers: everything goes, and comes back, in any order.
            connect_args={"options": "-c session_replication_role=replica"},
        )
        with self._engine.connect() as connection:
            self._schema = _schema(connection)
            self._numbering = [dict(row) for row in connection.execute(_NUMBERING).mappings()]
            self._written = {}
            for table in connection.execute(_TABLES).scalars().all():
                rows = connection.execute(text(f"SELECT json_agg(t)::text FROM {table} t")).scalar_one()
                if rows is not None:
                    self._written[table] = rows

    def _throw_away(self) -> None:
        if self._engine is None:
            return
        self._engine.dispose()
        self._engine = None
        with self._admin.connect() as connection:
            connection.execute(text(f"DROP DATABASE {self._name} WITH (FORCE)"))


def _schema(connection: Connection) -> str:
    found: str = connection.execute(_SCHEMA).scalar_one()
    return found
