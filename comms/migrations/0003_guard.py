"""What the database itself refuses: change to the permanent tables, keys into another organisation,
and change to a communication and its recipients once sending has begun.

Append to the record only through new migrations: a data migration on a permanent table is refused too.
"""

from django.db import migrations

from portfolio.guard import REFUSED, inside_sql, keyed_sql, permanent_sql, run

PERMANENT = [
    "comms_content",
    "comms_logentry",
    "comms_deliveryevent",
    "comms_receipt",
    "comms_templateversion",
    "comms_exportrecord",
]
KEYED = [
    "comms_communication",
    "comms_content",
    "comms_deliveryevent",
    "comms_logentry",
    "comms_receipt",
    "comms_recipient",
    "comms_template",
    "comms_templateversion",
    "comms_ticket",
]
INSIDE = [
    ("comms_communication", "block_id", "portfolio_block"),
    ("comms_communication", "unit_id", "portfolio_unit"),
    ("comms_communication", "template_version_id", "comms_templateversion"),
    ("comms_attachment", "communication_id", "comms_communication"),
    ("comms_attachment", "content_id", "comms_content"),
    ("comms_recipient", "communication_id", "comms_communication"),
    ("comms_recipient", "contact_id", "contacts_contact"),
    ("comms_recipient", "regarding_id", "contacts_contact"),
    ("comms_recipient", "unit_id", "portfolio_unit"),
    ("comms_templateversion", "template_id", "comms_template"),
    ("comms_suppression", "event_id", "comms_deliveryevent"),
    ("comms_ticket", "entry_id", "comms_logentry"),
    ("comms_logentry", "recipient_id", "comms_recipient"),
    ("comms_logentry", "communication_id", "comms_communication"),
    ("comms_logentry", "html_id", "comms_content"),
    ("comms_logentry", "block_id", "portfolio_block"),
    ("comms_logentry", "unit_id", "portfolio_unit"),
    ("comms_logentry", "contact_id", "contacts_contact"),
    ("comms_logentry", "regarding_id", "contacts_contact"),
    ("comms_logentry", "ticket_id", "comms_ticket"),
    ("comms_logentry", "template_version_id", "comms_templateversion"),
    ("comms_logentry", "corrects_id", "comms_logentry"),
    ("comms_deliveryevent", "entry_id", "comms_logentry"),
    ("comms_deliveryevent", "receipt_id", "comms_receipt"),
    ("comms_delivery", "entry_id", "comms_logentry"),
    ("comms_delivery", "template_id", "comms_template"),
    ("comms_delivery", "block_id", "portfolio_block"),
    ("comms_delivery", "unit_id", "portfolio_unit"),
    ("comms_delivery", "contact_id", "contacts_contact"),
    ("comms_delivery", "regarding_id", "contacts_contact"),
    ("comms_delivery", "communication_id", "comms_communication"),
    ("comms_delivery", "ticket_id", "comms_ticket"),
    ("comms_delivery", "content_id", "comms_content"),
    ("comms_search", "entry_id", "comms_logentry"),
]

FREEZE = f"""
-- A communication: type and scope are fixed at creation; from 'sending' on only its state and times move, forward.
CREATE FUNCTION blockpost_communication_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['status', 'sent_at', 'failed_at', 'failure_reason', 'updated_at'];
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.status NOT IN ('draft', 'scheduled') THEN
            RAISE EXCEPTION 'a communication that is % cannot be deleted', OLD.status USING ERRCODE = '{REFUSED}';
        END IF;
        RETURN OLD;
    END IF;
    IF (NEW.id, NEW.organisation_id, NEW.public_id, NEW.type, NEW.created_by_id, NEW.created_at) IS DISTINCT FROM
       (OLD.id, OLD.organisation_id, OLD.public_id, OLD.type, OLD.created_by_id, OLD.created_at)
       OR (NEW.block_id, NEW.unit_id) IS DISTINCT FROM (OLD.block_id, OLD.unit_id) THEN
        RAISE EXCEPTION 'type and scope of a communication are fixed at creation' USING ERRCODE = '{REFUSED}';
    END IF;
    IF NOT (OLD.status, NEW.status) IN (
        ('draft', 'draft'), ('draft', 'scheduled'), ('draft', 'sent'),
        ('scheduled', 'draft'), ('scheduled', 'scheduled'), ('scheduled', 'sending'), ('scheduled', 'sent'),
        ('sending', 'sent'), ('sending', 'failed')
    ) THEN
        RAISE EXCEPTION 'a communication that is % cannot become %', OLD.status, NEW.status
            USING ERRCODE = '{REFUSED}';
    END IF;
    IF OLD.status = 'sending' AND (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'a communication is frozen once sending begins' USING ERRCODE = '{REFUSED}';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER communication_frozen BEFORE UPDATE OR DELETE ON comms_communication
    FOR EACH ROW EXECUTE FUNCTION blockpost_communication_frozen();
ALTER TABLE comms_communication ENABLE ALWAYS TRIGGER communication_frozen;

-- Its recipients and attachments come and go with the draft. The share lock makes "sending begins" and
-- "one more recipient" take turns.
CREATE FUNCTION blockpost_part_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    part record;
    state text;
BEGIN
    IF TG_OP = 'DELETE' THEN part := OLD; ELSE part := NEW; END IF;
    SELECT status INTO state FROM comms_communication WHERE id = part.communication_id FOR SHARE;
    IF state NOT IN ('draft', 'scheduled') THEN
        RAISE EXCEPTION 'recipients and attachments are frozen once a communication is %', state
            USING ERRCODE = '{REFUSED}';
    END IF;
    RETURN part;
END $$;
CREATE TRIGGER recipient_frozen BEFORE INSERT OR DELETE ON comms_recipient
    FOR EACH ROW EXECUTE FUNCTION blockpost_part_frozen();
ALTER TABLE comms_recipient ENABLE ALWAYS TRIGGER recipient_frozen;
CREATE TRIGGER attachment_frozen BEFORE INSERT OR DELETE ON comms_attachment
    FOR EACH ROW EXECUTE FUNCTION blockpost_part_frozen();
ALTER TABLE comms_attachment ENABLE ALWAYS TRIGGER attachment_frozen;
CREATE TRIGGER attachment_unchanged BEFORE UPDATE ON comms_attachment
    FOR EACH STATEMENT EXECUTE FUNCTION blockpost_refuse();
ALTER TABLE comms_attachment ENABLE ALWAYS TRIGGER attachment_unchanged;

-- The snapshot never changes; the outbox columns move.
CREATE FUNCTION blockpost_snapshot_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['state', 'lease_token', 'leased_until', 'attempts', 'next_attempt_at'];
BEGIN
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'what was known of a recipient when they were added is kept as it was'
            USING ERRCODE = '{REFUSED}';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER snapshot_frozen BEFORE UPDATE ON comms_recipient
    FOR EACH ROW EXECUTE FUNCTION blockpost_snapshot_frozen();
ALTER TABLE comms_recipient ENABLE ALWAYS TRIGGER snapshot_frozen;
CREATE TRIGGER permanent_truncate BEFORE TRUNCATE ON comms_communication
    FOR EACH STATEMENT EXECUTE FUNCTION blockpost_refuse();
ALTER TABLE comms_communication ENABLE ALWAYS TRIGGER permanent_truncate;
CREATE TRIGGER permanent_truncate BEFORE TRUNCATE ON comms_recipient
    FOR EACH STATEMENT EXECUTE FUNCTION blockpost_refuse();
ALTER TABLE comms_recipient ENABLE ALWAYS TRIGGER permanent_truncate;
"""


class Migration(migrations.Migration):
    dependencies = [("comms", "0002_initial"), ("contacts", "0003_guard"), ("portfolio", "0002_guard")]

    operations = [
        run(*map(keyed_sql, KEYED)),
        run(*(inside_sql(*key) for key in INSIDE)),
        run(*map(permanent_sql, PERMANENT)),
        run(FREEZE),
    ]
