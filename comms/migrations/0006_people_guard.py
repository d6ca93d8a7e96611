from django.db import migrations

from portfolio.guard import inside_sql, run


class Migration(migrations.Migration):
    dependencies = [("comms", "0005_people"), ("contacts", "0005_people_guard")]

    operations = [run(inside_sql("comms_ticket", "block_id", "portfolio_block"))]
