"""One person twice among the contacts: finding them, and making one of two."""

from datetime import date
from itertools import combinations

from django.db import transaction
from django.db.models import Count, Q
from django.db.models.functions import Lower
from django.utils import timezone

from contacts.mistake import Mistake
from contacts.models import Contact, ContactRelation, Occupancy, OtherAddress

MOST = 100
FILLED = ("title", "first_name", "last_name", "reference", "address", "preferred_channel")


def duplicates() -> list[tuple[Contact, Contact, str]]:
    """Find pairs that are probably one, and why. Couples who share a mailbox or a phone are two.

    At most a hundred pairs are given; what is merged makes room for the next.
    """
    current = Contact.objects.current()
    found: dict[tuple[int, int], tuple[Contact, Contact, str]] = {}
    for column in ("name", "email", "phone"):
        why = f"the same {column}"
        alike_by = current.annotate(alike=Lower(column))
        groups = (
            alike_by.exclude(alike="")
            .values("alike")
            .annotate(n=Count("pk"))
            .filter(n__gt=1)
            .order_by("alike")
            .values("alike")[:MOST]
        )
        alike: dict[str, list[Contact]] = {}
        rows = alike_by.filter(alike__in=groups).order_by("pk")
        for one in rows:
            alike.setdefault(getattr(one, "alike"), []).append(one)  # noqa: B009
        for group in alike.values():
            for one, other in combinations(group[:10], 2):
                if column == "name" or _initials(one) == _initials(other):
                    found.setdefault((one.pk, other.pk), (one, other, why))
    return list(found.values())[:MOST]


def _initials(contact: Contact) -> tuple[str, str]:
    words = contact.name.lower().split() or [""]
    return words[0][:1], words[-1]


def merge(kept: Contact, other: Contact) -> None:
    """Make one contact of two: parts, relations and addresses of the other become the first one's.

    What the log says stays as it is; the other is archived and leads to the first, whose pages show the
    log of both. Where both have something different, the first one's is kept.
    """
    with transaction.atomic():
        pair = Contact.objects.select_for_update().filter(pk__in=[kept.pk, other.pk]).order_by("pk")
        rows = {one.pk: one for one in pair}
        if any(one.archived_at or one.merged_into_id for one in rows.values()):
            raise Mistake(
                "One of them was archived or made one with another a moment ago. Look at both again."
            )
        kept, other = rows[kept.pk], rows[other.pk]
        reference, other.reference = other.reference, ""
        other.merged_into, other.archived_at = kept, timezone.now()
        other.save(update_fields=["merged_into", "archived_at", "reference"])
        Contact.objects.filter(merged_into=other).update(merged_into=kept)
        _move_parts(kept, other)
        _move_relations(kept, other)
        _move_addresses(kept, other)
        other.reference = reference
        for name in FILLED:
            if not getattr(kept, name):
                setattr(kept, name, getattr(other, name))
        kept.notes = "\n".join(filter(None, [kept.notes, other.notes if other.notes != kept.notes else ""]))
        if kept.language == "en":
            kept.language = other.language
        kept.labels = other.labels | kept.labels
        kept.whatsapp_opt_in = kept.whatsapp_opt_in or other.whatsapp_opt_in
        kept.large_print = kept.large_print or other.large_print
        kept.save()


def _move_parts(kept: Contact, other: Contact) -> None:
    for part in Occupancy.objects.filter(contact=other).order_by("pk"):
        there = Occupancy.objects.filter(contact=kept, unit=part.unit_id, role=part.role)
        if same := next((mine for mine in there if _overlap(mine, part)), None):
            _widen(same, part)
            part.delete()
        else:
            Occupancy.objects.filter(pk=part.pk).update(contact=kept)


def _overlap(one: Occupancy, other: Occupancy) -> bool:
    begins = max(one.since or date.min, other.since or date.min)
    return begins <= min(one.until or date.max, other.until or date.max)


def _widen(mine: Occupancy, part: Occupancy) -> None:
    """Let one part stand for two that overlap: from the earlier first day that is known to the later last day."""
    days = [day for day in (mine.since, part.since) if day]
    mine.since = min(days) if days else None
    mine.until = max(mine.until, part.until) if mine.until and part.until else None
    mine.ownership = mine.ownership or part.ownership
    mine.is_primary = mine.is_primary or part.is_primary
    mine.save()


def _move_relations(kept: Contact, other: Contact) -> None:
    for relation in ContactRelation.objects.filter(Q(contact=other) | Q(acts_for=other)):
        relation.contact = kept if relation.contact_id == other.pk else relation.contact
        relation.acts_for = kept if relation.acts_for_id == other.pk else relation.acts_for
        twice = ContactRelation.objects.filter(
            contact=relation.contact, acts_for=relation.acts_for, kind=relation.kind
        ).exclude(pk=relation.pk)
        if relation.contact_id == relation.acts_for_id or twice.exists():
            relation.delete()
        else:
            relation.save()


def _move_addresses(kept: Contact, other: Contact) -> None:
    wanted = [("email", other.email, ""), ("phone", other.phone, "")]
    wanted += [(o.kind, o.value, o.label) for o in other.other_addresses.all()]
    there = {("email", kept.email.lower()), ("phone", kept.phone)}
    there |= {(o.kind, o.value.lower()) for o in kept.other_addresses.all()}
    for kind, value, label in wanted:
        if not value or (kind, value.lower()) in there:
            continue
        there.add((kind, value.lower()))
        if not getattr(kept, kind):
            setattr(kept, kind, value)
        else:
            OtherAddress.objects.create(
                organisation_id=kept.organisation_id, contact=kept, kind=kind, value=value, label=label
            )
    other.other_addresses.all().delete()
