"""A weakened guard is named at start-up, each weakness by itself."""

import os

import psycopg
import pytest
from django.db import connection

from comms import checks
from tests.conftest import url_of

WEAKENED = {
    "GRANT UPDATE ON comms_logentry TO blockpost_app": ("comms.E004", "UPDATE on comms_logentry"),
    "GRANT UPDATE (title) ON comms_logentry TO blockpost_app": ("comms.E004", "UPDATE on comms_logentry"),
    "GRANT DELETE ON comms_deliveryevent TO blockpost_app": ("comms.E004", "DELETE on comms_deliveryevent"),
    "GRANT TRUNCATE ON comms_content TO PUBLIC": ("comms.E004", "TRUNCATE on comms_content"),
    "GRANT TRIGGER ON comms_receipt TO blockpost_app": ("comms.E004", "TRIGGER on comms_receipt"),
    "DROP TRIGGER permanent_row ON comms_logentry": (
        "comms.E005",
        "permanent_row of comms_logentry is missing",
    ),
    "DROP TRIGGER permanent_truncate ON comms_content": ("comms.E005", "permanent_truncate of comms_content"),
    "ALTER TABLE comms_logentry DISABLE TRIGGER permanent_statement": ("comms.E006", "permanent_statement"),
    "ALTER TABLE comms_logentry ENABLE TRIGGER permanent_statement": ("comms.E006", "not ENABLE ALWAYS"),
    "DROP TRIGGER snapshot_frozen ON comms_recipient": (
        "comms.E005",
        "snapshot_frozen of comms_recipient is missing",
    ),
    "ALTER TABLE comms_communication DISABLE TRIGGER communication_frozen": (
        "comms.E006",
        "communication_frozen",
    ),
    "CREATE OR REPLACE TRIGGER permanent_row BEFORE UPDATE OF snippet ON comms_logentry "
    "FOR EACH ROW EXECUTE FUNCTION blockpost_refuse(); "
    "ALTER TABLE comms_logentry ENABLE ALWAYS TRIGGER permanent_row": (
        "comms.E013",
        "permanent_row of comms_logentry",
    ),
    "CREATE OR REPLACE TRIGGER permanent_row BEFORE UPDATE OR DELETE ON comms_content FOR EACH ROW WHEN (false) "
    "EXECUTE FUNCTION blockpost_refuse(); "
    "ALTER TABLE comms_content ENABLE ALWAYS TRIGGER permanent_row": (
        "comms.E013",
        "permanent_row of comms_content",
    ),
    "CREATE FUNCTION lenient() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$; "
    "CREATE OR REPLACE TRIGGER snapshot_frozen BEFORE UPDATE ON comms_recipient FOR EACH ROW EXECUTE FUNCTION lenient(); "
    "ALTER TABLE comms_recipient ENABLE ALWAYS TRIGGER snapshot_frozen": (
        "comms.E013",
        "snapshot_frozen of comms_recipient",
    ),
    "ALTER TABLE comms_exportrecord DISABLE TRIGGER leaf_written": ("comms.E006", "leaf_written"),
    "CREATE TRIGGER mine BEFORE INSERT ON comms_logentry FOR EACH ROW EXECUTE FUNCTION blockpost_refuse()": (
        "comms.E007",
        "mine",
    ),
    "CREATE RULE quiet AS ON INSERT TO comms_exportrecord DO INSTEAD NOTHING": ("comms.E008", "quiet"),
    "CREATE TABLE child () INHERITS (comms_logentry)": ("comms.E009", "child"),
    "CREATE OR REPLACE FUNCTION blockpost_refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$": (
        "comms.E010",
        "blockpost_refuse",
    ),
}


@pytest.mark.parametrize("statement", WEAKENED)
def test_a_weakness_is_named(committed, statement):
    with psycopg.connect(url_of(committed), autocommit=True) as owner:
        owner.execute(statement)

    faults = checks.guard_faults(connection)

    number, words = WEAKENED[statement]
    assert [(fault.id, words in fault.msg) for fault in faults] == [(number, True)]
    with pytest.raises(SystemExit, match=number):
        checks.refuse_to_start()


def test_a_whole_guard_has_no_fault(committed):
    assert checks.guard_faults(connection) == []
    checks.refuse_to_start()


def test_asynchronous_commits_are_named(committed):
    with connection.cursor() as cursor:
        cursor.execute("SET synchronous_commit = off")

    assert [fault.id for fault in checks.guard_faults(connection)] == ["comms.E012"]


@pytest.mark.parametrize(
    ("role", "number"), [("OWNER_DATABASE_URL", "comms.E003"), ("SUPERUSER_DATABASE_URL", "comms.E001")]
)
def test_a_role_with_too_many_rights_is_named(committed, role, number, monkeypatch):
    if role not in os.environ:
        pytest.skip("Needs the embedded server's superuser.")
    connection.close()
    user = "postgres" if role.startswith("SUPER") else "blockpost_owner"
    monkeypatch.setitem(connection.settings_dict, "USER", user)

    ids = {fault.id for fault in checks.guard_faults(connection)}
    connection.close()

    assert number in ids
