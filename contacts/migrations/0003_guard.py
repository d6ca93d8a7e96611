from django.db import migrations

from portfolio.guard import inside_sql, keyed_sql, run


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_initial"), ("portfolio", "0002_guard")]

    operations = [
        run(
            keyed_sql("contacts_contact"),
            inside_sql("contacts_contactrelation", "contact_id", "contacts_contact"),
            inside_sql("contacts_contactrelation", "acts_for_id", "contacts_contact"),
            inside_sql("contacts_occupancy", "contact_id", "contacts_contact"),
            inside_sql("contacts_occupancy", "unit_id", "portfolio_unit"),
        ),
    ]
