"""Keep secrets out of log lines."""

import logging
import re

# Whoever has the address behind these needs nothing else, or little: residents' pages, invitations, hooks.
SECRET = re.compile(r"(/(?:p|invitations|hooks/\w+)/)(?!sw\.js)[^/\s?'\"]+")


class SecretPaths(logging.Filter):
    """Write … for the token in addresses, which Django logs with each refusal and fault."""

    def filter(self, record: logging.LogRecord) -> bool:
        line = record.getMessage()
        if SECRET.search(line):
            record.msg, record.args = SECRET.sub(r"\1…", line), ()
        return True
