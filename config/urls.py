from allauth.account.decorators import secure_admin_login
from allauth.account.urls import urlpatterns as account_urls
from django.contrib import admin
from django.urls import include, path
from django.views.decorators.http import require_safe

from comms.views import hooks, public_log, resident, tracking, witness
from config import api, health
from portfolio.views.home import home
from portfolio.views.joining import invitation

# allauth's pages about one's address only say that an administrator changes it; they take nothing.
for page in account_urls:
    if page.name in ("account_email", "account_confirm_email", "account_email_verification_sent"):
        page.callback = require_safe(page.callback)

admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", home, name="home"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("accounts/", include(account_urls)),
    path("invitations/<str:token>/", invitation, name="invitation"),
    path("p/", include((resident.urlpatterns, "portal"))),
    path("hooks/", include((hooks.urlpatterns, "hooks"))),
    path("t/", include((tracking.urlpatterns, "tracking"))),
    path("log/", include((public_log.urlpatterns, "public-log"))),
    path("keep/<str:token>/", witness.keep, name="keeper"),
    path("admin/", admin.site.urls),
    path("api/v1/", include((api.urlpatterns, "api"))),
    path("o/<slug:slug>/", include("comms.urls")),
    path("o/<slug:slug>/", include("portfolio.urls")),
    path("o/<slug:slug>/", include("contacts.urls")),
]
