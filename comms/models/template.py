from django.db import models, transaction
from django.utils import timezone

from portfolio.languages import CHOICES
from portfolio.models import User
from portfolio.permanent import Permanent, PermanentQuerySet
from portfolio.scoping import Owned, inside, scoped


class Template(Owned):
    """Wording that is used again; its words are in its versions."""

    name = models.CharField(max_length=200)
    channel = models.CharField(max_length=50, blank=True, help_text="The channel it is for; empty for any.")
    type = models.CharField(max_length=20, blank=True, help_text="The type of communication it is for.")
    archived_at = models.DateTimeField(null=True, blank=True)

    objects = scoped()

    class Meta:
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def latest(self) -> "TemplateVersion":
        """The words as they are now, in the organisation's language."""
        found = self.newest().get(self.organisation.language)
        return found or self.versions.order_by("-number")[0]  # the organisation's language was another then

    def newest(self) -> dict[str, "TemplateVersion"]:
        """Give the words as they are now by language; one whose words were taken back is left out."""
        newest = self.versions.order_by("language", "-number").distinct("language")
        return {version.language: version for version in newest if version.subject}

    def reword(self, subject: str, body: str, author: User, language: str = "") -> bool:
        """Add a version, if anything differs; what was sent before keeps the version that it was sent with.

        Without a language it is the organisation's. An empty subject takes the words in a language back.
        """
        language = language or self.organisation.language
        with transaction.atomic():
            Template.objects.select_for_update().get(pk=self.pk)  # one version at a time
            last = self.versions.order_by("-number").first()
            same = self.versions.filter(language=language).order_by("-number").first()
            if same and (same.subject, same.body) == (subject, body):
                return False
            TemplateVersion.objects.create(
                organisation_id=self.organisation_id,
                template=self,
                number=last.number + 1 if last else 1,
                language=language,
                subject=subject,
                body=body,
                author=author,
            )
        return True


class TemplateVersion(Owned, Permanent):
    """The words of a template as they were from one moment on."""

    template = inside("comms.Template", related_name="versions")
    number = models.PositiveIntegerField()
    language = models.CharField(max_length=10, default="en", choices=CHOICES)
    subject = models.CharField(max_length=500, blank=True)
    body = models.TextField(blank=True)
    author = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = scoped(PermanentQuerySet)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="template_version_once")]

    def __str__(self) -> str:
        return f"{self.template}, version {self.number}"
