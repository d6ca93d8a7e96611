"""Providers that deliver nothing: they keep what they are given and answer by the address.

For development, demonstrations and tests; run by `manage.py simulator`. Every end of a message can be tried by hand:
comms/simulated.py is the table of addresses, `manage.py simulator --help` and the product's help page show it.
WhatsApp without a template is 63016: nobody has written within a day. Everything not in the table is accepted at once.
"""
