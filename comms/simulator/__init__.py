"""Providers that deliver nothing: they keep what they are given and answer by the address.

For development, demonstrations and tests; run by `manage.py simulator`. Every end of a message can be tried by
hand. Mail, at simulator.example: the beginning of the local part (up to any `+`) chooses.

    bounce…  550 5.1.1 at RCPT, no such user        spam…  554 5.7.1 after the data, refused as spam
    full…    452 4.2.2 at RCPT, mailbox full        slow…  accepts after three seconds
    grey…    451 4.7.1 twice, then accepts          drop…  takes the data and hangs up without an answer

Texts and WhatsApp: the numbers that Ofcom keeps for drama, 07700 900xxx; the first of the last three digits chooses.

    0xx  accepted                                   5xx  30007, refused as spam
    1xx  21211, no such number                      6xx  20429 twice, too fast; then accepted
    2xx  21614, a landline                          7xx  taken, and the line breaks without an answer
    3xx  30003 twice, out of reach; then accepted   8xx  SMS: 30005, out of use; WhatsApp: 63024, not on it
    4xx  21610, has replied STOP                    9xx  accepted after three seconds

WhatsApp without a template is 63016: nobody has written within a day. Push, to a simulated browser
(comms.simulator.pushes.subscription): the beginning of its name chooses.

    gone…    410, the subscription has expired      away…  503, not now
    large…   413, too long                          drop…  taken, and the line breaks without an answer
    busy…    429, too fast

Everything else is accepted at once.
"""
