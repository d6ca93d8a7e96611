"""A mail server that delivers nothing: it keeps what it is given and answers by the address.

For development, demonstrations and tests; run by `manage.py simulator`. At simulator.example the beginning of
the local part (up to any `+`) chooses the answer, so that every end of a message can be tried by hand:

    bounce…  550 5.1.1 at RCPT, no such user        spam…  554 5.7.1 after the data, refused as spam
    full…    452 4.2.2 at RCPT, mailbox full        slow…  accepts after three seconds
    grey…    451 4.7.1 twice, then accepts          drop…  takes the data and hangs up without an answer

Everybody else's mail is accepted at once.
"""
