from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PortfolioConfig(AppConfig):
    name = "portfolio"
    verbose_name = "Portfolio"

    def ready(self) -> None:
        from portfolio import guard

        post_migrate.connect(guard.grant_after_migrate, dispatch_uid="portfolio.guard")
