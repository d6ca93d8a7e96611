from django.db import models

from portfolio.languages import CHOICES
from portfolio.scoping import Owned, inside, scoped


class Translation(Owned):
    """The words of a communication in another language than the organisation's; frozen with it."""

    communication = inside("comms.Communication", related_name="translations", on_delete=models.CASCADE)
    language = models.CharField(max_length=10, choices=CHOICES)
    subject = models.CharField(max_length=500)
    body = models.TextField(blank=True, help_text="Clean HTML, merge fields unfilled.")
    template_version = inside("comms.TemplateVersion", null=True, blank=True, related_name="+")

    objects = scoped()

    class Meta:
        ordering = ["language"]
        constraints = [
            models.UniqueConstraint(fields=["communication", "language"], name="one_translation_a_language")
        ]

    def __str__(self) -> str:
        return f"{self.subject} ({self.get_language_display()})"
