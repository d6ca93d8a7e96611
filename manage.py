#!/usr/bin/env python
import os
import sys


def main() -> None:
    """Run a management command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if sys.argv[1:2] == ["explain_bounce"]:  # it uses neither, and the settings want both
        os.environ.setdefault("DATABASE_URL", "postgres:///")
        os.environ.setdefault("SECRET_KEY", "unused")
    from django.core.management import execute_from_command_line

    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
