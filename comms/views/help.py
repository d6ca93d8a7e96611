"""What the words of the log mean, and by which addresses everything can be tried where nothing is delivered."""

from collections.abc import Iterator
from typing import NamedTuple

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from comms import simulated
from comms.channels import accounts, registry
from comms.models import Delivery
from portfolio.access import MemberRequest, member
from portfolio.models import Organisation


class Tried(NamedTuple):
    """A channel, and the addresses that try it out; none where its messages go to real people."""

    channel: str
    addresses: list[tuple[str, str]]


@member()
@require_safe
def help_page(request: MemberRequest) -> HttpResponse:
    """Explain each status, and list the simulated addresses of each channel that is switched on."""
    tried = list(_tried(request.organisation))
    context = {
        "statuses": Delivery.Status.values,
        "tried": [one for one in tried if one.addresses],
        "real": [one.channel for one in tried if not one.addresses],
        "domain": simulated.DOMAIN,
        "inbox": f"http://{settings.SIMULATOR_HTTP}/" if settings.SIMULATOR_HTTP else "",
    }
    return render(request, "comms/help.html", context)


def _tried(organisation: Organisation) -> Iterator[Tried]:
    on = set(registry.available()) & set(organisation.channels)
    for channel, addresses in simulated.shown().items():
        if channel in on:
            yield Tried(channel, addresses if _is_simulated(channel, organisation.slug) else [])


def _is_simulated(channel: str, slug: str) -> bool:
    """Say whether the settings lead a channel to the simulator."""
    if channel == "email":
        by_smtp = accounts.account_of(slug).provider == accounts.SMTP
        return by_smtp and f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}" == settings.SIMULATOR_SMTP
    leads_to = {"hybrid": settings.HYBRID_MAIL_URL, "push": ",".join(settings.PUSH_SERVICES)}
    origin = f"http://{settings.SIMULATOR_HTTP}"
    return bool(settings.SIMULATOR_HTTP) and leads_to.get(channel, settings.TWILIO_API_BASE).startswith(
        origin
    )


urlpatterns = [path("help/", help_page, name="help")]
