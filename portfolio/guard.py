"""The SQL that makes rows permanent and keeps keys inside an organisation.

Migrations run these statements as the owner of the tables; the application connects as another role.
Plain triggers rather than a library's: they are statement-level (so they fire for no rows and for TRUNCATE),
ENABLE ALWAYS (so `session_replication_role` does not silence them) and have no switch to turn them off.
"""

from typing import Any

from django.conf import settings
from django.db import connections, migrations

from portfolio.permanent import permanent_models

REFUSED = "23B01"  # our own SQLSTATE in class 23, so that Django raises IntegrityError

REFUSE_FUNCTION = f"""
CREATE OR REPLACE FUNCTION blockpost_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is a permanent record: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = '{REFUSED}';
END $$;
"""  # noqa: S608

TRIGGERS = ("permanent_statement", "permanent_row", "permanent_truncate")


def permanent_sql(table: str) -> str:
    """Give the statements that refuse UPDATE, DELETE and TRUNCATE on a table to everybody."""
    return f"""
CREATE TRIGGER permanent_statement BEFORE UPDATE OR DELETE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION blockpost_refuse();
CREATE TRIGGER permanent_row BEFORE UPDATE OR DELETE ON {table}
    FOR EACH ROW EXECUTE FUNCTION blockpost_refuse();
CREATE TRIGGER permanent_truncate BEFORE TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION blockpost_refuse();
ALTER TABLE {table} ENABLE ALWAYS TRIGGER permanent_statement;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER permanent_row;
ALTER TABLE {table} ENABLE ALWAYS TRIGGER permanent_truncate;
"""


def keyed_sql(table: str) -> str:
    """Give a table the (organisation, id) key that composite foreign keys point at."""
    return f"ALTER TABLE {table} ADD CONSTRAINT {table}_inside UNIQUE (organisation_id, id);\n"


def inside_sql(table: str, column: str, target: str, target_column: str = "id") -> str:
    """Give the composite foreign key by which a row cannot point into another organisation."""
    return (
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_{column}_inside FOREIGN KEY (organisation_id, {column}) "
        f"REFERENCES {target} (organisation_id, {target_column}) DEFERRABLE INITIALLY DEFERRED;\n"
    )


def run(*statements: str) -> migrations.RunSQL:
    """Make the migration operation; going back is refused, as the record's guard is not to be undone."""
    return migrations.RunSQL("".join(statements), migrations.RunSQL.noop)


def grant_after_migrate(sender: Any, using: str, **kwargs: Any) -> None:
    """Give the application's role what it needs and no more; runs after each migrate, as the owner."""
    if sender.name != "comms":  # the last of our apps to be migrated
        return
    role = connections[using].ops.quote_name(settings.DATABASE_APP_ROLE)
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [settings.DATABASE_APP_ROLE])
        if not cursor.fetchone():
            return
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        cursor.execute(f"REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM {role}")
        for model in permanent_models():
            cursor.execute(f"REVOKE UPDATE, DELETE, TRUNCATE ON {model._meta.db_table} FROM {role}")
