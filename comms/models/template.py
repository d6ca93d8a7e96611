from django.db import models
from django.utils import timezone

from portfolio.models import User
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped


class Template(Owned):
    """Wording that is used again; its words are in its versions."""

    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=50, default="email")
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = scoped()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(Owned, Permanent):
    """The words of a template as they were from one moment on."""

    template = inside("comms.Template", related_name="versions")
    number = models.PositiveIntegerField()
    subject = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.template}, version {self.number}"
