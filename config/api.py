"""Every address of the API, below /api/v1/. The token names the organisation, so none has its word."""

from django.urls import URLPattern, path, re_path
from drf_spectacular.views import SpectacularJSONAPIView, SpectacularSwaggerSplitView

from comms.api.urls import urlpatterns as comms_urls
from contacts.api.urls import urlpatterns as contacts_urls
from portfolio.api.base import Nowhere
from portfolio.api.urls import urlpatterns as portfolio_urls

urlpatterns: list[URLPattern] = [
    *comms_urls,
    *contacts_urls,
    *portfolio_urls,
    path("schema/", SpectacularJSONAPIView.as_view(), name="schema"),
    path(
        "docs/",
        SpectacularSwaggerSplitView.as_view(url_name="api:schema", template_name="api_docs.html"),
        name="docs",
    ),
    re_path(r"", Nowhere.as_view({"get": "list"}), name="nowhere"),
]
