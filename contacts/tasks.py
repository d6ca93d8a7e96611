"""A doorbell. The imports that wait stand in the database; a ring that is lost or doubled costs nothing."""

from celery import shared_task
from django.utils import timezone
from django_scopes import scope, scopes_disabled

from contacts.importing import intake
from contacts.models import Import


@shared_task
def run_imports() -> None:
    """Do one import that waits, of whichever organisation."""
    with scopes_disabled():
        key = intake.claim(timezone.now())
        job = Import.objects.select_related("organisation").only("organisation").get(pk=key) if key else None
    if job is not None:
        with scope(organisation=job.organisation), timezone.override(job.organisation.zone):
            intake.work(job.pk)
