"""What people agreed to is read again when sending begins, and belongs to the snapshot from then on."""

from django.db import migrations

from portfolio.guard import REFUSED, run

FROZEN = f"""
CREATE OR REPLACE FUNCTION blockpost_snapshot_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    moving text[] := ARRAY['state', 'lease_token', 'leased_until', 'attempts', 'next_attempt_at'];
BEGIN
    IF OLD.channel = '' THEN
        moving := moving || ARRAY['channel', 'devices', 'wishes'];
    END IF;
    IF (to_jsonb(NEW) - moving) IS DISTINCT FROM (to_jsonb(OLD) - moving) THEN
        RAISE EXCEPTION 'what was known of a recipient when they were added is kept as it was'
            USING ERRCODE = '{REFUSED}';
    END IF;
    RETURN NEW;
END $$;
"""  # noqa: S608


class Migration(migrations.Migration):
    dependencies = [("comms", "0026_leaves")]

    operations = [run(FROZEN)]
