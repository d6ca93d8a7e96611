from django.db import migrations

from portfolio.guard import inside_sql, keyed_sql, run


class Migration(migrations.Migration):
    dependencies = [("comms", "0013_posting")]

    operations = [
        run(
            keyed_sql("comms_postingrun"),
            inside_sql("comms_postingrun", "communication_id", "comms_communication"),
            inside_sql("comms_postingrun", "print_file_id", "comms_content"),
            inside_sql("comms_postedletter", "run_id", "comms_postingrun"),
            inside_sql("comms_postedletter", "recipient_id", "comms_recipient"),
        )
    ]
