"""Whether this process has been asked to stop: it finishes the message in its hands and takes no more."""

import threading

_asked = threading.Event()


def stop() -> None:
    _asked.set()


def stopping() -> bool:
    return _asked.is_set()
