from django.db import migrations

from portfolio.guard import inside_sql, permanent_sql, run

PERMANENT = [
    "contacts_contactversion",
    "contacts_contactrelationversion",
    "contacts_occupancyversion",
    "contacts_otheraddressversion",
]


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_people")]

    operations = [
        run(
            inside_sql("contacts_contact", "merged_into_id", "contacts_contact"),
            inside_sql("contacts_otheraddress", "contact_id", "contacts_contact"),
        ),
        run(*map(permanent_sql, PERMANENT)),
    ]
