from django.db import migrations

from portfolio.guard import inside_sql, keyed_sql, permanent_sql, run


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0007_api_tokens")]

    operations = [
        run(
            keyed_sql("portfolio_apitoken"),
            inside_sql("portfolio_rememberedanswer", "token_id", "portfolio_apitoken"),
            inside_sql("portfolio_refusedcall", "token_id", "portfolio_apitoken"),
            permanent_sql("portfolio_refusedcall"),
        )
    ]
