"""Communications, the log, messages and exports through the API."""
