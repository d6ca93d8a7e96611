from django.urls import path

from portfolio.views import api_tokens, blocks, invitations, letterhead, people, settings, units

BLOCK = "blocks/<uuid:public_id>/"
UNIT = "units/<uuid:public_id>/"
INVITATION = "settings/invitations/<uuid:public_id>/"

app_name = "portfolio"
urlpatterns = [
    path("blocks/", blocks.blocks, name="blocks"),
    path("blocks/new/", blocks.block_new, name="block-new"),
    path(BLOCK, blocks.block, name="block"),
    path(f"{BLOCK}edit/", blocks.block_edit, name="block-edit"),
    path(f"{BLOCK}archive/", blocks.block_archive, name="block-archive"),
    path(f"{BLOCK}restore/", blocks.block_restore, name="block-restore"),
    path(f"{BLOCK}activity/", blocks.block_activity, name="block-activity"),
    path(f"{BLOCK}units/new/", blocks.units_new, name="units-new"),
    path(f"{BLOCK}units/new/one/", units.unit_new, name="unit-new"),
    path(UNIT, units.unit, name="unit"),
    path(f"{UNIT}edit/", units.unit_edit, name="unit-edit"),
    path(f"{UNIT}archive/", units.unit_archive, name="unit-archive"),
    path("settings/", settings.organisation, name="settings"),
    path("settings/channels/", settings.channels, name="settings-channels"),
    path("settings/references/", settings.references, name="settings-references"),
    path("settings/letterhead/", letterhead.letterhead, name="settings-letterhead"),
    path("settings/letterhead/remove/", letterhead.logo_remove, name="logo-remove"),
    path("settings/logo/<uuid:public_id>/", letterhead.logo, name="logo"),
    *api_tokens.urlpatterns,
    path("settings/people/", people.people, name="people"),
    path("settings/people/invite/", invitations.invite, name="invite"),
    path("settings/people/<int:person>/", people.person, name="person"),
    path("settings/people/<int:person>/remove/", people.person_remove, name="person-remove"),
    path(f"{INVITATION}resend/", invitations.resend, name="invitation-resend"),
    path(f"{INVITATION}withdraw/", invitations.withdraw, name="invitation-withdraw"),
]
