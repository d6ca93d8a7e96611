"""A URL that says where files are kept, as Django's STORAGES has it."""

from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

OPTIONS = {"endpoint": "endpoint_url", "region": "region_name", "key": "access_key", "secret": "secret_key"}


def content_store(url: str) -> dict[str, Any]:
    """Read file:///folder or s3://bucket?endpoint=…&region=…&key=…&secret=…. Raises ValueError with a sentence."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.path.startswith("/") and not parts.netloc:
        return {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {
                "location": unquote(parts.path),
                "file_permissions_mode": 0o600,
                "directory_permissions_mode": 0o700,
            },
        }
    if parts.scheme == "s3" and parts.netloc:
        given = dict(parse_qsl(parts.query))
        if unknown := set(given) - set(OPTIONS):
            raise ValueError(
                f"The store knows no {', '.join(sorted(unknown))}; it knows {', '.join(OPTIONS)}."
            )
        options: dict[str, Any] = {OPTIONS[name]: value for name, value in given.items()}
        options |= {"bucket_name": parts.netloc, "location": parts.path.strip("/")}
        # Nothing is ever written over, and nobody else reads from it.
        options |= {"file_overwrite": False, "default_acl": None, "querystring_auth": True}
        return {"BACKEND": "storages.backends.s3.S3Storage", "OPTIONS": options}
    raise ValueError("A store is file:///folder or s3://bucket?endpoint=…")
