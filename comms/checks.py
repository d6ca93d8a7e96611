"""Start-up checks: is the record's guard whole, and does the application have no more rights than it should?

Web and workers refuse to start with a fault (config/wsgi.py, config/celery.py); `manage.py check --database
default` names them too, and what mends each.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper

from portfolio.guard import TRIGGERS
from portfolio.permanent import permanent_models

RENEW = "Run `manage.py migrate` as the owner of the tables: it renews the grants."
RESTORE = (
    "Somebody changed the database. Restore the trigger from comms/migrations/0003_guard.py as the owner."
)
OWNS = "comms.E003"
REFUSE = "EXECUTE FUNCTION blockpost_refuse()"
# What each trigger says of itself (pg_get_triggerdef): a trigger of the same name can be made to do less.
PERMANENT = dict(
    zip(
        TRIGGERS,
        (
            f"BEFORE DELETE OR UPDATE ON {{table}} FOR EACH STATEMENT {REFUSE}",
            f"BEFORE DELETE OR UPDATE ON {{table}} FOR EACH ROW {REFUSE}",
            f"BEFORE TRUNCATE ON {{table}} FOR EACH STATEMENT {REFUSE}",
        ),
        strict=True,
    )
)
ROW = "ON {table} FOR EACH ROW EXECUTE FUNCTION"
FROZEN = {
    ("comms_attachment", "attachment_frozen"): f"BEFORE INSERT OR DELETE {ROW} blockpost_part_frozen()",
    ("comms_attachment", "attachment_unchanged"): f"BEFORE UPDATE ON {{table}} FOR EACH STATEMENT {REFUSE}",
    ("comms_communication", "communication_frozen"): (
        f"BEFORE DELETE OR UPDATE {ROW} blockpost_communication_frozen()"
    ),
    ("comms_communication", "permanent_truncate"): PERMANENT["permanent_truncate"],
    ("comms_recipient", "permanent_truncate"): PERMANENT["permanent_truncate"],
    ("comms_recipient", "recipient_frozen"): f"BEFORE INSERT OR DELETE {ROW} blockpost_part_frozen()",
    ("comms_translation", "translation_frozen"): (
        f"BEFORE INSERT OR DELETE OR UPDATE {ROW} blockpost_part_frozen()"
    ),
    ("comms_recipient", "snapshot_frozen"): f"BEFORE UPDATE {ROW} blockpost_snapshot_frozen()",
    ("comms_suppression", "kept"): f"BEFORE DELETE ON {{table}} FOR EACH STATEMENT {REFUSE}",
    ("comms_suppression", "lifted_once"): f"BEFORE UPDATE {ROW} blockpost_lifted_once()",
    ("comms_ticket", "kept"): f"BEFORE DELETE ON {{table}} FOR EACH STATEMENT {REFUSE}",
}
# A row cannot be committed without its leaf. Not ALWAYS: a replica gets both, and in its own order.
ORIGIN = {
    (f"comms_{table}", "leaf_written"): (
        "AFTER INSERT ON {table} DEFERRABLE INITIALLY DEFERRED FOR EACH ROW "
        f"EXECUTE FUNCTION blockpost_leaf_written('{kind}')"
    )
    for table, kind in (
        ("logentry", "entry"),
        ("deliveryevent", "event"),
        ("exportrecord", "export"),
        ("ticketchange", "ticket"),
        ("log", "log"),
        ("logkey", "key"),
        ("checkpoint", "checkpoint"),
    )
} | {
    ("comms_leaf", "leaf_waits"): (
        "AFTER INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION blockpost_leaf_waits()"
    ),
    ("comms_deliveryevent", "told_to_webhooks"): (
        "AFTER INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION blockpost_tell_event()"
    ),
    ("comms_ticketchange", "told_to_webhooks"): (
        "AFTER INSERT ON {table} REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION blockpost_tell_change()"
    ),
}
DURABLE = {"fsync": "on", "full_page_writes": "on"}


@register(Tags.database)
def guard(databases: Sequence[str] | None = None, **kwargs: Any) -> list[CheckMessage]:
    """Name what weakens the record in each database that is asked about."""
    faults = [fault for alias in databases or [] for fault in guard_faults(connections[alias])]
    # The owner migrates, and `migrate` runs this check: for it, owning the tables is only worth a word.
    return [Warning(f.msg, hint=f.hint, id=f.id) if f.id == OWNS else f for f in faults]


def guard_faults(connection: BaseDatabaseWrapper) -> list[CheckMessage]:
    """List the faults of the guard as the connection's role finds them; empty when it is whole."""
    with connection.cursor() as cursor:
        tables = sorted(model._meta.db_table for model in permanent_models())
        cursor.execute("SELECT count(*) FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r'", [tables])
        if cursor.fetchone()[0] < len(tables):
            return []  # not migrated yet; migrations are another check's business
        faults = [
            *_role(cursor),
            *_rights(cursor, tables),
            *_triggers(cursor, tables),
            *_strangers(cursor, tables),
        ]
        return [*faults, *_function(cursor), *_durability(cursor)]


def refuse_to_start() -> None:
    """Raise SystemExit with what is wrong, when the guard is not whole."""
    faults = guard_faults(connections["default"])
    connections["default"].close()
    if faults:
        raise SystemExit(
            "Blockpost does not start:\n" + "\n".join(f"{f.id}: {f.msg}\n  {f.hint}" for f in faults)
        )


def _error(number: int, message: str, hint: str) -> Error:
    return Error(message, hint=hint, id=f"comms.E{number:03}")


def _role(cursor: Any) -> Iterable[CheckMessage]:
    cursor.execute(
        "SELECT rolname, rolsuper, rolbypassrls, rolcreaterole FROM pg_roles WHERE rolname = current_user"
    )
    name, is_super, bypasses, creates = cursor.fetchone()
    hint = "Connect as the application's own role (docs/operations.md, Setting it up)."
    if is_super:
        yield _error(1, f"The application is connected as the superuser {name}.", hint)
    if bypasses or creates:
        yield _error(2, f"The role {name} may bypass policies or create roles.", hint)


def _rights(cursor: Any, tables: list[str]) -> Iterable[CheckMessage]:
    cursor.execute(
        """SELECT relname, pg_get_userbyid(relowner) = current_user,
                  pg_has_role(current_user, relowner, 'MEMBER'),
                  array(SELECT verb FROM unnest(ARRAY['UPDATE', 'DELETE', 'TRUNCATE', 'TRIGGER', 'REFERENCES']) verb
                        WHERE has_table_privilege(current_user, pg_class.oid, verb)
                           OR (verb IN ('UPDATE', 'REFERENCES')
                               AND has_any_column_privilege(current_user, pg_class.oid, verb)))
           FROM pg_class WHERE relname = ANY(%s) AND relkind = 'r' ORDER BY relname""",
        [tables],
    )
    for table, owns, member, verbs in cursor.fetchall():
        if owns or member:
            hint = "Connect as the application's own role; only `migrate` is run as the owner."
            yield _error(3, f"The application's role owns {table}, or is a member of its owner.", hint)
        elif verbs:
            yield _error(4, f"The application's role has {', '.join(verbs)} on {table}.", RENEW)


def _triggers(cursor: Any, tables: list[str]) -> Iterable[CheckMessage]:
    wanted = {(table, name): words for table in tables for name, words in PERMANENT.items()} | FROZEN | ORIGIN
    cursor.execute(
        """SELECT relname, tgname, tgenabled, pg_get_triggerdef(pg_trigger.oid)
           FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid
           WHERE relname = ANY(%s) AND NOT tgisinternal ORDER BY 1, 2""",
        [sorted({table for table, _ in wanted})],
    )
    found = {(table, name): (mode, words) for table, name, mode, words in cursor.fetchall()}
    for (table, name), words in wanted.items():
        mode, does = found.pop((table, name), ("", ""))
        if not mode:
            yield _error(5, f"The trigger {name} of {table} is missing.", RESTORE)
        elif mode not in ("OA" if (table, name) in ORIGIN else "A"):
            yield _error(
                6,
                f"The trigger {name} of {table} is disabled or not ENABLE ALWAYS.",
                f"As the owner: ALTER TABLE {table} ENABLE ALWAYS TRIGGER {name};",
            )
        does = does.replace("CREATE CONSTRAINT", "CREATE", 1)  # DEFERRABLE says so too
        if mode and does != f"CREATE TRIGGER {name} {words.format(table='public.' + table)}":
            yield _error(13, f"The trigger {name} of {table} is not the one that was shipped.", RESTORE)
    for table, name in found:
        yield _error(
            7,
            f"There is a trigger {name} on {table} that is not ours.",
            f"As the owner: DROP TRIGGER {name} ON {table};",
        )


def _strangers(cursor: Any, tables: list[str]) -> Iterable[CheckMessage]:
    cursor.execute("SELECT tablename, rulename FROM pg_rules WHERE tablename = ANY(%s)", [tables])
    for table, rule in cursor.fetchall():
        yield _error(8, f"There is a rule {rule} on {table}.", f"As the owner: DROP RULE {rule} ON {table};")
    cursor.execute(
        """SELECT parent.relname, child.relname FROM pg_inherits
           JOIN pg_class parent ON parent.oid = inhparent JOIN pg_class child ON child.oid = inhrelid
           WHERE parent.relname = ANY(%s)""",
        [tables],
    )
    for table, child in cursor.fetchall():
        yield _error(
            9, f"{child} inherits from {table} and is not guarded.", f"As the owner: DROP TABLE {child};"
        )


def _function(cursor: Any) -> Iterable[CheckMessage]:
    cursor.execute("SELECT prosrc FROM pg_proc WHERE proname = 'blockpost_refuse'")
    sources = [source for (source,) in cursor.fetchall()]
    if len(sources) != 1 or "RAISE EXCEPTION '% is a permanent record: % refused'" not in sources[0]:
        yield _error(10, "The function blockpost_refuse is not the one that was shipped.", RESTORE)
    elif "IF " in sources[0].upper() or "RETURN" in sources[0].upper():
        yield _error(10, "The function blockpost_refuse does not always refuse.", RESTORE)


def _durability(cursor: Any) -> Iterable[CheckMessage]:
    for name, wanted in DURABLE.items():
        cursor.execute("SELECT current_setting(%s)", [name])
        if cursor.fetchone()[0] != wanted:
            yield _error(
                11, f"PostgreSQL runs with {name} off.", f"Set {name} = {wanted} in postgresql.conf."
            )
    cursor.execute("SHOW synchronous_commit")
    if cursor.fetchone()[0] == "off":
        yield _error(
            12, "PostgreSQL runs with synchronous_commit off.", "Set synchronous_commit = on for this role."
        )
