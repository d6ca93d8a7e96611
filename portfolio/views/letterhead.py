"""The head of letters: the logo, and how it looks with name and address."""

from django import forms
from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from portfolio import logo as logos
from portfolio.access import ADMINS, MemberRequest, member
from portfolio.models import Logo
from portfolio.styled import StyledForm


class LogoForm(StyledForm):
    picture = forms.FileField(
        label="Logo",
        help_text="PNG or JPEG, 2 MB and 4000 × 4000 pixels at most.",
        widget=forms.FileInput(attrs={"accept": "image/png,image/jpeg"}),
        error_messages={
            "required": "Choose a file.",
            "missing": "Choose a file.",
            "empty": "The file is empty. Choose another.",
        },
    )

    def clean_picture(self) -> logos.Drawn:
        file: UploadedFile = self.cleaned_data["picture"]
        try:
            return logos.draw(file, file.size or 0)  # type: ignore[arg-type]
        except logos.Refused as refused:
            raise forms.ValidationError(str(refused)) from refused


@member(*ADMINS)
@require_http_methods(["GET", "HEAD", "POST"])
def letterhead(request: MemberRequest) -> HttpResponse:
    """Show the head of a letter, and take a logo."""
    form = LogoForm(request.POST, request.FILES) if request.method == "POST" else LogoForm()
    if form.is_valid():
        logos.replace(request.organisation, form.cleaned_data["picture"])
        messages.success(request, "The logo is on letters from now on.")
        return redirect("portfolio:settings-letterhead", request.organisation.slug)
    context = {"form": form, "logo": logos.current(request.organisation), "tab": "letterhead"}
    return render(request, "portfolio/settings_letterhead.html", context, status=422 if form.errors else 200)


@member(*ADMINS)
@require_POST
def logo_remove(request: MemberRequest) -> HttpResponse:
    if logos.remove(request.organisation):
        messages.success(request, "The logo is off. Letters that were made before keep theirs.")
    return redirect("portfolio:settings-letterhead", request.organisation.slug)


@member()
@require_safe
def logo(request: MemberRequest, public_id: str) -> HttpResponse:
    """Give the picture; a logo that was replaced still stands at the head of its letters."""
    found: Logo = get_object_or_404(Logo, public_id=public_id)
    headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
    return HttpResponse(bytes(found.data), content_type="image/png", headers=headers)
