"""Read phone numbers as people write them, and keep them as E.164."""

import re
from dataclasses import dataclass

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat, PhoneNumberType

from contacts.mistake import Mistake

# Ofcom keeps these for drama and no telephone rings on them; training and demonstrations use them.
# https://www.ofcom.org.uk/phones-and-broadband/phone-numbers/numbers-for-drama
FICTIONAL = re.compile(r"\+44(7700900|1632960)\d{3}")
WRITTEN = re.compile(r"\+?[\d\s().\-/]+")
MOBILE = (PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE)


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number: `e164` is what is kept and dialled, the others are for reading."""

    e164: str
    national: str
    international: str
    is_mobile: bool

    def __str__(self) -> str:
        return self.e164


def parse(text: str, region: str = "GB") -> Phone:
    """Read a phone number; without a country code it is one of the region's. Raises Mistake."""
    text = text.strip().replace("\u00a0", " ")
    if not text:
        raise Mistake("Enter a phone number.")
    if not WRITTEN.fullmatch(text):
        raise Mistake("Write the phone number with digits only, such as 07700 900123 or +44 7700 900123.")
    try:
        number = phonenumbers.parse(text, region)
    except NumberParseException as error:
        if error.error_type == NumberParseException.INVALID_COUNTRY_CODE:
            raise Mistake("There is no country with this code. For the UK it is +44.") from None
        raise Mistake("This is too short for a phone number.") from None
    _check_length(number)
    e164 = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    fictional = FICTIONAL.fullmatch(e164)
    if not fictional and not phonenumbers.is_valid_number(number):
        raise Mistake("No phone has this number. Check its digits against where you have it from.")
    return Phone(
        e164=e164,
        national=phonenumbers.format_number(number, PhoneNumberFormat.NATIONAL),
        international=phonenumbers.format_number(number, PhoneNumberFormat.INTERNATIONAL),
        is_mobile=e164.startswith("+447") if fictional else phonenumbers.number_type(number) in MOBILE,
    )


def _check_length(number: phonenumbers.PhoneNumber) -> None:
    possible = phonenumbers.is_possible_number_with_reason(number)
    if possible == phonenumbers.ValidationResult.TOO_LONG:
        raise Mistake("This has too many digits for a phone number.")
    if possible == phonenumbers.ValidationResult.TOO_SHORT:
        raise Mistake("This has too few digits for a phone number.")
