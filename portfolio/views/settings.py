"""What an organisation sets about itself: its name and addresses, its channels, where references lead."""

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from portfolio.access import ADMINS, MemberRequest, member
from portfolio.forms.references import reference_rows
from portfolio.forms.settings import ChannelsForm, OrganisationForm
from portfolio.models import Organisation

FORM_METHODS = ["GET", "HEAD", "POST"]
SAVED = "The settings are saved."


def posted(request: MemberRequest) -> QueryDict | None:
    """Give what was sent, even if that is nothing; none if a page is only looked at."""
    return request.POST if request.method == "POST" else None


@member(*ADMINS)
@require_http_methods(FORM_METHODS)
def organisation(request: MemberRequest) -> HttpResponse:
    """Show and change name, addresses, time zone and sender."""
    # A row of its own: the form writes what is typed into it, and the bar shows what is saved.
    row = Organisation.objects.get(pk=request.organisation.pk)
    form = OrganisationForm(posted(request), instance=row)
    if form.is_valid():
        form.save()
        messages.success(request, SAVED)
        return redirect("portfolio:settings", row.slug)
    context = {"form": form, "tab": "organisation"}
    return render(
        request, "portfolio/settings_organisation.html", context, status=422 if form.errors else 200
    )


@member(*ADMINS)
@require_http_methods(FORM_METHODS)
def channels(request: MemberRequest) -> HttpResponse:
    """Switch channels on and off."""
    form = ChannelsForm(posted(request), initial={"channels": request.organisation.channels})
    if form.is_valid():
        request.organisation.channels = form.cleaned_data["channels"]
        request.organisation.save(update_fields=["channels"])
        messages.success(request, SAVED)
        return redirect("portfolio:settings-channels", request.organisation.slug)
    context = {"form": form, "tab": "channels"}
    return render(request, "portfolio/settings_channels.html", context, status=422 if form.errors else 200)


@member(*ADMINS)
@require_http_methods(FORM_METHODS)
def references(request: MemberRequest) -> HttpResponse:
    """Say where references of each type lead."""
    rows = reference_rows(request.organisation, posted(request))
    if rows.is_bound and rows.is_valid():
        request.organisation.reference_urls = rows.addresses
        request.organisation.save(update_fields=["reference_urls"])
        messages.success(request, SAVED)
        return redirect("portfolio:settings-references", request.organisation.slug)
    context = {"rows": rows, "tab": "references", "mistaken": rows.is_bound}
    return render(
        request, "portfolio/settings_references.html", context, status=422 if rows.is_bound else 200
    )
