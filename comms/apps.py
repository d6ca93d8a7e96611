from django.apps import AppConfig


class CommsConfig(AppConfig):
    name = "comms"
    verbose_name = "Communications"

    def ready(self) -> None:
        from comms import checks, duties, settings_checks  # noqa: F401 (registers the start-up checks)

        duties.count()
