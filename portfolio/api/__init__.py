"""The ground of the API, and blocks and units through it."""
