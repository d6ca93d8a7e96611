from django.db import migrations

from portfolio.guard import inside_sql, permanent_sql, run


class Migration(migrations.Migration):
    dependencies = [("comms", "0009_proof")]

    operations = [
        run(
            inside_sql("comms_proof", "event_id", "comms_deliveryevent"),
            inside_sql("comms_proof", "content_id", "comms_content"),
            permanent_sql("comms_proof"),
        )
    ]
