"""Rows of reference links are added, changed and removed; what would lead nowhere is refused."""

import pytest

from portfolio.models import Organisation

PAGE = "/o/larch/settings/references/"
INVOICES = "https://accounts.example/invoices/{reference}"
JOBS = "http://jobs.example/?q={reference}&all=1"


@pytest.fixture
def adam(cast, client_of):
    return client_of(cast.adam)


def rows(*pairs: tuple[str, str], initial: int = 1, remove: tuple[int, ...] = ()) -> dict[str, str]:
    sent = {"form-TOTAL_FORMS": str(len(pairs)), "form-INITIAL_FORMS": str(initial)}
    for number, (kind, pattern) in enumerate(pairs):
        sent |= {f"form-{number}-kind": kind, f"form-{number}-pattern": pattern}
    return sent | {f"form-{number}-DELETE": "on" for number in remove}


def kept(cast) -> dict[str, str]:
    return Organisation.objects.get(pk=cast.organisation.pk).reference_urls


def test_rows_are_added_and_changed_and_empty_ones_left_out(adam, cast):
    adam.post(PAGE, rows(("Invoice no", INVOICES), (" repair  job ", JOBS), ("", "")))

    assert kept(cast) == {"Invoice no": INVOICES, "repair job": JOBS}


def test_a_row_is_removed(adam, cast):
    adam.post(PAGE, rows(("invoice", INVOICES), ("job", JOBS), remove=(0,)))

    assert kept(cast) == {"job": JOBS}


def test_what_is_removed_may_come_again_in_another_row(adam, cast):
    adam.post(PAGE, rows(("invoice", INVOICES), ("Invoice", JOBS), remove=(0,)))

    assert kept(cast) == {"Invoice": JOBS}


def test_the_page_shows_what_an_example_becomes_and_three_empty_rows(adam):
    response = adam.get(PAGE)

    assert "https://accounts.example/invoices/INV-2041" in response.content.decode()
    assert len(response.context["rows"].forms) == 4


MISTAKES = [
    ("", JOBS, "Give the type, such as invoice."),
    ("job", "", "Give the address, with {reference} where the reference goes."),
    ("job/s", JOBS, "Use letters, digits, spaces, _ and - only."),
    ("job\ntwo", JOBS, "Use letters, digits, spaces, _ and - only."),
    ("j" * 41, JOBS, "The type is 41 characters long; 40 is the most. Shorten it."),
    ("INVOICE", JOBS, "Another row has this type. Give each type one address."),
    ("job", "javascript:alert('{reference}')", "Begin the address with https:// or http://."),
    ("job", "ftp://jobs.example/{reference}", "Begin the address with https:// or http://."),
    ("job", "//jobs.example/{reference}", "Begin the address with https:// or http://."),
    ("job", "https://jobs.example/", "Put {reference} into the address once, where the reference goes."),
    ("job", JOBS + "{reference}", "Put {reference} into the address once, where the reference goes."),
    ("job", "https://{reference}/jobs", "Put {reference} after the name of the site, not into it."),
    ("job", "https://jobs.example:{reference}/", "Put {reference} after the name of the site, not into it."),
    ("job", "https://[{reference}", "This does not lead anywhere."),
    ("job", "https://jobs yard/{reference}", "This does not lead anywhere."),
    ("job", "https://jobs.example/a b/{reference}", "This does not lead anywhere."),
]


@pytest.mark.parametrize(("kind", "pattern", "sentence"), MISTAKES)
def test_a_mistake_is_said_at_its_row_and_nothing_is_saved(kind, pattern, sentence, adam, cast):
    response = adam.post(PAGE, rows(("invoice", INVOICES), (kind, pattern)))

    said = [text for mistakes in response.context["rows"].forms[1].errors.values() for text in mistakes]
    assert response.status_code == 422
    assert sentence in " ".join(said)
    assert list(kept(cast)) == ["invoice"]


def test_what_was_typed_is_kept(adam):
    page = adam.post(PAGE, rows(("invoice", INVOICES), ("job/s", JOBS))).content.decode()

    assert 'value="job/s"' in page
    assert "One thing to put right" in page
    assert 'href="#id_form-1-kind"' in page


def test_a_page_sent_without_its_rows_changes_nothing(adam, cast):
    response = adam.post(PAGE, {})

    assert response.status_code == 422
    assert "The page was sent without its rows. Open it again." in response.content.decode()
    assert list(kept(cast)) == ["invoice"]


def test_fifty_types_are_the_most(adam, cast):
    response = adam.post(PAGE, rows(*[(f"job {n}", JOBS) for n in range(51)]))

    assert response.status_code == 422
    assert "50 types are the most. Remove some." in response.content.decode()
