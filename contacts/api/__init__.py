"""Contacts through the API."""
