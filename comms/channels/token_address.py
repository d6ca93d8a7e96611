"""An address of ours with the token of an entry in it (RFC 5233), by which what comes back finds the entry."""

import re


def with_token(address: str, token: str) -> str:
    """Put a token into an address: bounces@our.domain becomes bounces+TOKEN@our.domain."""
    local, _, domain = address.rpartition("@")
    return f"{local}+{token}@{domain}"


def token_in(text: str, *addresses: str) -> str:
    """Find the token in a text that names one of these addresses, or nothing. An address that is not set is none."""
    for address in filter(None, addresses):
        local, _, domain = address.rpartition("@")
        sought = rf"{re.escape(local)}\+([0-9a-f]{{32}})@{re.escape(domain)}(?![\w.-]*\w)"
        if found := re.search(sought, text, re.IGNORECASE):
            return found[1].lower()
    return ""
