from django.db import migrations

from portfolio.guard import permanent_sql, run

PERMANENT = [
    "portfolio_organisationversion",
    "portfolio_membershipversion",
    "portfolio_invitationversion",
    "portfolio_blockversion",
    "portfolio_unitversion",
]


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_people")]

    operations = [run(*map(permanent_sql, PERMANENT))]
