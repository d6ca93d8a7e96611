from django.db import migrations

from portfolio.guard import REFUSE_FUNCTION, inside_sql, keyed_sql, run


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0001_initial")]

    operations = [
        run(REFUSE_FUNCTION),
        run(
            keyed_sql("portfolio_block"),
            keyed_sql("portfolio_unit"),
            inside_sql("portfolio_unit", "block_id", "portfolio_block"),
        ),
    ]
