"""What the tests stand on: a PostgreSQL database given back keeps nothing of the test that had it."""

from __future__ import annotations

import pytest
from sqlalchemy import create_engine, inspect, text

from tests.databases import LARGE_BYTES, PostgresDatabases

pytestmark = pytest.mark.postgres

_GHT = "INSERT INTO ght (code, uid, nom) SELECT 'X' || n, 'u' || n, 'GHT fictif' FROM generate_series(1, {}) n"
_EVENT = """
    INSERT INTO event (id, type, subject, version, time, data, routed)
    VALUES ('u', 't', 's', 1, now(), '{}', false) RETURNING seq
"""


def _changed(databases: PostgresDatabases, *statements: str) -> tuple[str, str]:
    """Names of the database that these statements changed and of the one the next test gets."""
    url = databases.take()
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        for statement in statements:
            connection.execute(text(statement))
        databases.give_back()  # with a connection still open, as a test that failed leaves them
    engine.dispose()
    return str(url.database), str(databases.take().database)


def _rows(databases: PostgresDatabases) -> dict[str, list[str]]:
    engine = create_engine(databases.take())
    with engine.connect() as connection:
        names = inspect(connection).get_table_names()
        rows = {name: sorted(connection.execute(text(f'SELECT t::text FROM "{name}" t')).scalars()) for name in names}
    engine.dispose()
    return rows


def test_rows_numbering_and_open_connections_do_not_outlive_a_test(postgres_databases: PostgresDatabases) -> None:
    new = _rows(postgres_databases)
    written = [name for name, rows in new.items() if rows and name != "alembic_version"]
    lost = [f"DELETE FROM {name}" for name in written]
    before, after = _changed(postgres_databases, _GHT.format(1), _EVENT, *lost)
    assert before == after
    assert _rows(postgres_databases) == new
    engine = create_engine(postgres_databases.take())
    with engine.connect() as connection:
        assert connection.execute(text(_EVENT)).scalar_one() == 1
        others = text("SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()")
        assert connection.execute(others).scalar_one() <= 2  # this one, and that of the databases themselves
    engine.dispose()
    postgres_databases.give_back()


@pytest.mark.parametrize(
    "statement",
    [
        "CREATE TABLE essai (n INTEGER)",
        "ALTER TABLE ght ADD COLUMN essai INTEGER",
        "ALTER TABLE ght ALTER COLUMN nom DROP NOT NULL",
        "CREATE INDEX essai ON ght (nom)",
        "ALTER TABLE ght ADD CONSTRAINT essai CHECK (nom <> '')",
        "CREATE FUNCTION essai() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        _GHT.format(LARGE_BYTES // 100),
    ],
)
def test_a_database_that_cannot_be_made_as_new_is_not_used_again(
    postgres_databases: PostgresDatabases, statement: str
) -> None:
    before, after = _changed(postgres_databases, statement)
    assert before != after
    postgres_databases.give_back()
