"""Nobody changes the record: every statement, on every permanent table, as the application and as the owner."""

import os

import psycopg
import pytest
from django.apps import apps
from django.db import DatabaseError, connection, models, transaction
from django.utils import timezone
from django_scopes.exceptions import ScopeError

from comms.ledger import leaf, sealing
from comms.models import (
    Access,
    Attachment,
    Checkpoint,
    Communication,
    Content,
    DeliveryEvent,
    ExportRecord,
    LinkTarget,
    Log,
    LogEntry,
    LogKey,
    OutsideCopy,
    Proof,
    Receipt,
    Recipient,
    Template,
    TemplateVersion,
    Ticket,
    TicketMessage,
    Tile,
)
from comms.record import entries, events, tickets
from contacts.models import Contact, ContactRelation, Occupancy, OtherAddress
from portfolio import tokens
from portfolio.guard import REFUSED
from portfolio.history import Version
from portfolio.models import Invitation, RefusedCall
from portfolio.permanent import PermanentRecordError, permanent_models
from tests.conftest import url_of

MODELS = {model._meta.db_table: model for model in permanent_models()}
TABLES = sorted(MODELS)
DENIED = "42501"  # insufficient_privilege

# {t} is the table, {k} its key. What changes rows is refused by right or by trigger; also where it would touch none.
CHANGES = {
    "update": "UPDATE {t} SET {k} = {k}",
    "update of no row": "UPDATE {t} SET {k} = {k} WHERE false",
    "delete": "DELETE FROM {t}",
    "delete of no row": "DELETE FROM {t} WHERE false",
    "truncate": "TRUNCATE {t} CASCADE",
    "truncate with restart": "TRUNCATE {t} RESTART IDENTITY CASCADE",
    "merge update": "MERGE INTO {t} USING (SELECT 1) one ON true WHEN MATCHED THEN UPDATE SET {k} = 1",
    "merge delete": "MERGE INTO {t} USING (SELECT 1) one ON true WHEN MATCHED THEN DELETE",
    "upsert": "INSERT INTO {t} SELECT * FROM {t} ON CONFLICT ({k}) DO UPDATE SET {k} = EXCLUDED.{k}",
    "do block": "DO $$ BEGIN DELETE FROM {t}; END $$",
    "with": "WITH gone AS (DELETE FROM {t} RETURNING *) SELECT count(*) FROM gone",
    "update by cursor": "DO $$ DECLARE c CURSOR FOR SELECT * FROM {t}; r record; BEGIN OPEN c; FETCH c INTO r; "
    "DELETE FROM {t} WHERE CURRENT OF c; END $$",
}
# What weakens the guard is not the application's to do.
WEAKENINGS = {
    "replica mode": "SET session_replication_role = replica",
    "disable triggers": "ALTER TABLE {t} DISABLE TRIGGER ALL",
    "drop trigger": "DROP TRIGGER permanent_row ON {t}",
    "own trigger": "CREATE TRIGGER mine BEFORE INSERT ON {t} FOR EACH ROW EXECUTE FUNCTION blockpost_refuse()",
    "rule": "CREATE RULE mine AS ON INSERT TO {t} DO INSTEAD NOTHING",
    "replace function": "CREATE OR REPLACE FUNCTION blockpost_refuse() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RETURN NULL; END $$",
    "alter column": "ALTER TABLE {t} ALTER COLUMN {k} TYPE numeric",
    "drop column": "ALTER TABLE {t} DROP COLUMN {k}",
    "drop table": "DROP TABLE {t} CASCADE",
    "rename": "ALTER TABLE {t} RENAME TO gone",
    "inherit": "CREATE TABLE child () INHERITS ({t})",
    "temporary table": "CREATE TEMPORARY TABLE {t} (id int)",
    "become owner": "SET ROLE blockpost_owner",
    "lock rows": "SELECT * FROM {t} FOR UPDATE",
    "lock table": "DO $$ BEGIN LOCK TABLE {t} IN ACCESS EXCLUSIVE MODE; END $$",
}


@pytest.fixture
def filled(committed, inside):
    """One row in every permanent table."""
    ours = inside.organisation
    content = Content.keep(ours, b"shared words")
    template = Template.objects.create(organisation=ours, name="Lift")
    TemplateVersion.objects.create(organisation=ours, template=template, number=1, subject="Lift")
    (entry,) = entries.write([entry_of(inside, html=content)])
    event = events.append(entry, "sent", happened_at=timezone.now(), source="smtp")
    Proof.objects.create(
        organisation=ours, event=event, content=content, name="a.png", media_type="image/png"
    )
    LinkTarget.keep(ours, "https://council.example/bins")
    Access.objects.create(organisation=ours, user=inside.alice, kind="opened", entry=entry)
    Receipt.objects.create(organisation=ours, source="test", body=b"{}", key="1")
    with transaction.atomic():
        leaf.write(
            [
                ExportRecord.objects.create(
                    organisation=ours, export=entry.public_id, phase="started", user=inside.alice
                )
            ]
        )
    ticket = Ticket.objects.create(organisation=ours, title="Reply: Lift 2", entry=entry)
    TicketMessage.objects.create(
        organisation=ours, ticket=ticket, via="portal", words="Thanks", received_at=timezone.now()
    )
    tickets.note(ticket, "comment", words="Rang them")
    sealing.seal(ours)
    log = Log.objects.get()
    Tile.objects.create(organisation=ours, log=log, level=1, index=0, hash=b"0" * 32)
    with transaction.atomic():
        leaf.write([LogKey.objects.create(organisation=ours, log=log, vkey="a+b+c")])
        leaf.write(
            [Checkpoint.objects.create(organisation=ours, log=log, number=1, size=1, root=b"0", note="")]
        )
    OutsideCopy.objects.create(
        organisation=ours,
        checkpoint=Checkpoint.objects.get(),
        kind="mail",
        target="keeper@out.example",
        at=timezone.now(),
        evidence=b"",
    )
    ada, bob = inside.contacts[:2]
    OtherAddress.objects.create(organisation=ours, contact=ada, kind="email", value="ada@work.example")
    ContactRelation.objects.create(organisation=ours, contact=bob, acts_for=ada, kind="agent")
    Invitation.objects.create(
        organisation=ours, email="new@larch.example", invited_by=inside.adam, expires_at=timezone.now()
    )
    token, _ = tokens.make(
        organisation=ours,
        user=inside.adam,
        created_by=inside.adam,
        name="x",
        scope="read",
        expires_at=timezone.now(),
    )
    RefusedCall.objects.create(organisation=ours, token=token, status=400, reason="No channel.")
    return inside


def entry_of(cast, **facts):
    return LogEntry(
        organisation=cast.organisation, channel="email", title="Lift 2", sender_label="Alice", **facts
    )


def on(table: str, sql: str) -> str:
    return sql.format(t=table, k=MODELS[table]._meta.pk.column)


def rows(name: str) -> dict[str, int]:
    with psycopg.connect(url_of(name)) as owner:
        return {
            t: owner.execute(f"SELECT count(*), md5(string_agg(x::text, '')) FROM {t} x").fetchone()
            for t in TABLES
        }


def attack(name: str, role: str, statement: str) -> str:
    """Run a statement; give the SQLSTATE with which it was refused, or nothing when it succeeded."""
    with psycopg.connect(url_of(name, role), autocommit=True) as attacker:
        try:
            attacker.execute(statement)
        except psycopg.Error as refusal:
            return refusal.sqlstate or str(refusal)
    return ""


def test_the_application_can_change_no_row_of_the_record(committed, filled):
    before = rows(committed)
    assert all(count for count, _ in before.values())

    results = {
        (table, what): attack(committed, "DATABASE_URL", on(table, sql))
        for table in TABLES
        for what, sql in {**CHANGES, **WEAKENINGS}.items()
    }

    assert {key: state for key, state in results.items() if state not in (DENIED, REFUSED)} == {}
    assert rows(committed) == before


def test_the_owner_can_change_no_row_of_the_record(committed, filled):
    before = rows(committed)

    results = {
        (table, what): attack(committed, "OWNER_DATABASE_URL", on(table, sql))
        for table in TABLES
        for what, sql in CHANGES.items()
    }

    assert {key: state for key, state in results.items() if state != REFUSED} == {}
    assert rows(committed) == before


def test_replica_mode_does_not_silence_the_guard(committed, filled):
    if "SUPERUSER_DATABASE_URL" not in os.environ:
        pytest.skip("Needs the embedded server's superuser.")
    states = {
        table: attack(
            committed,
            "SUPERUSER_DATABASE_URL",
            f"SET session_replication_role = replica; DELETE FROM {table}",
        )
        for table in TABLES
    }

    assert set(states.values()) == {REFUSED}


def test_a_cascade_from_a_parent_is_refused(committed, filled):
    """A cascade runs with the rights of the table's owner, so only the trigger stands in its way."""
    with psycopg.connect(url_of(committed), autocommit=True) as owner:
        owner.execute("ALTER TABLE comms_deliveryevent DROP CONSTRAINT comms_deliveryevent_entry_id_inside")
        owner.execute("CREATE TABLE parent (id bigint PRIMARY KEY)")
        owner.execute("INSERT INTO parent SELECT id FROM comms_logentry")
        owner.execute(
            "ALTER TABLE comms_deliveryevent ADD FOREIGN KEY (entry_id) REFERENCES parent (id) ON DELETE CASCADE"
        )
        owner.execute("GRANT SELECT, DELETE ON parent TO blockpost_app")

    assert attack(committed, "DATABASE_URL", "DELETE FROM parent") == REFUSED
    assert DeliveryEvent.objects.count() == 1


def test_without_the_guard_the_same_statements_succeed(committed, filled):
    """The control: these tests can fail."""
    with psycopg.connect(url_of(committed), autocommit=True) as owner:
        for table in TABLES:
            for trigger in ("permanent_statement", "permanent_row", "permanent_truncate"):
                owner.execute(f"DROP TRIGGER {trigger} ON {table}")
            owner.execute(f"GRANT ALL ON {table} TO blockpost_app")
    able = ("update", "update of no row", "delete of no row", "upsert", "merge update")

    for role in ("DATABASE_URL", "OWNER_DATABASE_URL"):
        results = {what: attack(committed, role, on("comms_receipt", CHANGES[what])) for what in able}
        assert set(results.values()) == {""}
    assert attack(committed, "DATABASE_URL", "DELETE FROM comms_receipt") == ""
    assert rows(committed)["comms_receipt"][0] == 0


def test_the_rights_alone_refuse_and_the_triggers_alone_refuse(committed, filled):
    with psycopg.connect(url_of(committed), autocommit=True) as owner:
        owner.execute("GRANT ALL ON comms_receipt TO blockpost_app")
        owner.execute("DROP TRIGGER permanent_statement ON comms_exportrecord")
        owner.execute("DROP TRIGGER permanent_row ON comms_exportrecord")

    assert attack(committed, "DATABASE_URL", "DELETE FROM comms_receipt") == REFUSED
    assert attack(committed, "DATABASE_URL", "DELETE FROM comms_exportrecord") == DENIED


def plain(model: type[models.Model]) -> str:
    return next(f.name for f in model._meta.concrete_fields if not f.primary_key)


ORM = {
    "save": lambda m: m.objects.first().save(),
    "save as update": lambda m: models.Model.save(m.objects.first(), force_update=True),
    "delete": lambda m: m.objects.first().delete(),
    "delete as a row": lambda m: models.Model.delete(m.objects.first()),
    "queryset update": lambda m: m.objects.update(**{plain(m): None}),
    "plain update": lambda m: models.QuerySet(m).update(**{plain(m): None}),
    "bulk update": lambda m: models.QuerySet(m).bulk_update([m.objects.first()], [plain(m)]),
    "upsert": lambda m: m.objects.bulk_create(
        [m.objects.first()], update_conflicts=True, unique_fields=[m._meta.pk.name], update_fields=[plain(m)]
    ),
    "update or create": lambda m: m.objects.update_or_create(
        pk=m.objects.first().pk, defaults={plain(m): None}
    ),
    "queryset delete": lambda m: m.objects.all().delete(),
    "plain delete": lambda m: models.QuerySet(m).delete(),
    "raw delete": lambda m: models.QuerySet(m)._raw_delete("default"),
    "select for update": lambda m: m.objects.select_for_update().first(),
}


@pytest.mark.parametrize("route", ORM)
def test_no_route_of_the_orm_changes_the_record(committed, filled, route):
    before = rows(committed)
    for model in permanent_models():
        with (
            pytest.raises((PermanentRecordError, DatabaseError, models.ProtectedError)),
            transaction.atomic(),
        ):
            ORM[route](model)

    assert rows(committed) == before


# ------------------------------------------------------------ what is frozen once sending begins


@pytest.fixture
def sending(inside):
    communication = Communication.objects.create(
        organisation=inside.organisation, block=inside.block, subject="Lift 2", created_by=inside.alice
    )
    recipient = Recipient.objects.create(
        organisation=inside.organisation, communication=communication, name="Ann", email="ann@example.com"
    )
    content = Content.keep(inside.organisation, b"%PDF")
    Attachment.objects.create(
        organisation=inside.organisation, communication=communication, content=content, name="a.pdf"
    )
    communication.schedule(at=timezone.now(), by=inside.alice)
    assert communication.begin(timezone.now())
    return communication, recipient


def test_a_draft_can_be_edited_and_deleted_with_its_recipients(inside):
    communication = Communication.objects.create(
        organisation=inside.organisation, subject="Lift 2", created_by=inside.alice
    )
    Recipient.objects.create(organisation=inside.organisation, communication=communication, name="Ann")

    communication.subject = "Lift 3"
    communication.save()
    communication.delete()

    assert not Recipient.objects.exists()


FROZEN = {
    "subject": lambda c, r: Communication.objects.filter(pk=c.pk).update(subject="Another"),
    "body": lambda c, r: Communication.objects.filter(pk=c.pk).update(body="Another"),
    "time": lambda c, r: Communication.objects.filter(pk=c.pk).update(scheduled_at=timezone.now()),
    "back to draft": lambda c, r: Communication.objects.filter(pk=c.pk).update(status="draft"),
    "delete": lambda c, r: c.delete(),
    "one more recipient": lambda c, r: Recipient.objects.create(
        organisation=c.organisation, communication=c, name="B"
    ),
    "one recipient less": lambda c, r: r.delete(),
    "another address": lambda c, r: Recipient.objects.filter(pk=r.pk).update(email="eve@example.com"),
    "another name": lambda c, r: Recipient.objects.filter(pk=r.pk).update(name="Eve"),
    "one attachment less": lambda c, r: c.attachments.all().delete(),
    "another attachment": lambda c, r: c.attachments.update(name="b.pdf"),
}


@pytest.mark.parametrize("what", FROZEN)
def test_once_sending_begins_it_is_frozen(sending, what):
    with pytest.raises(DatabaseError) as refusal, transaction.atomic():
        FROZEN[what](*sending)

    assert refusal.value.__cause__.sqlstate == REFUSED


def test_a_snapshot_is_kept_in_a_draft_too(inside):
    communication = Communication.objects.create(
        organisation=inside.organisation, subject="Lift 2", created_by=inside.alice
    )
    Recipient.objects.create(organisation=inside.organisation, communication=communication, name="Ann")

    with pytest.raises(DatabaseError), transaction.atomic():
        communication.recipients.update(email="eve@example.com")


@pytest.mark.parametrize("change", [{"type": "notice"}, {"block": None}])
def test_type_and_scope_are_fixed_at_creation(inside, change):
    communication = Communication.objects.create(
        organisation=inside.organisation, block=inside.block, subject="Lift 2", created_by=inside.alice
    )

    with pytest.raises(DatabaseError), transaction.atomic():
        Communication.objects.filter(pk=communication.pk).update(**change)


# ------------------------------------------------------------ nothing points across organisations


def test_every_key_inside_an_organisation_is_backed_by_a_composite_one(db):
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT conrelid::regclass::text, (SELECT attname FROM pg_attribute
                      WHERE attrelid = conrelid AND attnum = conkey[2])
               FROM pg_constraint WHERE contype = 'f' AND array_length(conkey, 1) = 2"""
        )
        composite = set(cursor.fetchall())
    wanted = {
        (model._meta.db_table, field.column)
        for model in apps.get_models()
        if not issubclass(model, Version)  # the database's own copies of rows that were checked
        for field in model._meta.concrete_fields
        if isinstance(field, models.ForeignKey) and not field.db_constraint
    }

    assert wanted
    assert wanted - composite == set()


def test_a_key_to_another_organisation_is_refused(inside):
    with pytest.raises(DatabaseError), transaction.atomic():
        Communication.objects.create(
            organisation=inside.organisation, block=inside.theirs, subject="Lift 2", created_by=inside.alice
        )
        connection.check_constraints()


@pytest.mark.parametrize(
    "model", [LogEntry, DeliveryEvent, Communication, Recipient, Contact, Occupancy, Content]
)
def test_a_query_outside_an_organisation_raises(db, model):
    with pytest.raises(ScopeError):
        model.objects.count()
