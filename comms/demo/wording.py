"""What the demo's managers wrote in two years, and what was done by phone, at the door and by other programs."""

from typing import NamedTuple

ACACIA, BRAMLEY, CHESTNUT = 0, 1, 2
EVERYWHERE = (ACACIA, BRAMLEY, CHESTNUT)
HELLO = "<p>Dear {{salutation}},</p>"
REGARDS = "<p>Kind regards,<br>{{sender_name}}<br>{{organisation_name}}</p>"


class Mailing(NamedTuple):
    """One communication to the leaseholders of each of some blocks."""

    days_ago: int
    type: str
    subject: str
    body: str
    channel: str = "email"
    blocks: tuple[int, ...] = EVERYWHERE
    track: bool = False
    template: str = ""
    file: str = ""
    time: tuple[int, int] = (10, 0)


def letter(*paragraphs: str) -> str:
    return HELLO + "".join(f"<p>{text}</p>" for text in paragraphs) + REGARDS


DEMAND = letter(
    "Please find attached the service charge demand for {{unit_name}}, {{block_name}}, for the half year {PERIOD}. "
    "The amount is payable within 28 days of the date of the demand.",
    "A summary of your rights and obligations comes with it, as section 21B of the Landlord and Tenant Act 1985 "
    "requires. If you cannot pay in full, ring us on {{organisation_phone}} before the date and we will agree a plan.",
    "Please quote {{unit_reference}} with your payment.",
)
AGM = letter(
    "Notice is given that the annual general meeting of the residents' company of {{block_name}} will be held in the "
    "residents' lounge on the second Wednesday of next month at 19:00.",
    "The agenda: the minutes of the last meeting, the accounts, the budget for next year, the election of directors, "
    "and any other business of which notice has been given.",
    "If you cannot come, you may appoint a proxy. Return the form by noon two days before.",
)
INSURANCE = letter(
    "The building of {{block_name}} has been insured again for twelve months. The sum insured was valued by a "
    "chartered surveyor this spring.",
    "The certificate and the summary of cover can be had from us at any time. Contents are not covered: please see "
    "to your own.",
)
FIRE_DOORS = letter(
    "We must inspect the front door of every flat in {{block_name}} once a year. An inspector will need five minutes "
    "at your door and two inside.",
    "Please choose a time by ringing {{organisation_phone}}, or tell us who will let the inspector in.",
)
BUDGET = letter(
    "The budget of {{block_name}} for the coming year has been set. It rises by 3.8 per cent, most of which is "
    "electricity for the common parts and the lift contract.",
    "The reserve stays as it was. The full figures are on the portal, and we are glad to go through them with you.",
)
NEWS = letter(
    "Here is the news of the quarter from {{block_name}}. The gutters were cleared in the second week, and the lamp "
    "at the side gate has been replaced.",
    "Bulky waste goes on the first Tuesday of the month. Please do not leave it in the bin store before.",
    "Your manager's direct line is {{organisation_phone}}, weekdays from nine to five.",
)
LIFT = letter(
    "Lift 2 at {{block_name}} will be out of service on {DAY} from 09:00 to about 16:00, while the ropes are replaced.",
    "Lift 1 runs as usual. If the stairs are a difficulty for you or somebody with you, ring {{organisation_phone}} "
    "and we will have someone at hand.",
)
ROOF = letter(
    "We intend to renew the roof covering of {{block_name}}. This is a notice under section 20 of the Landlord and "
    "Tenant Act 1985: you may send us observations in writing within 30 days, and name a contractor from whom we "
    "should seek an estimate.",
    "The works are needed because water has come in above the top floor in three winters.",
)
WINDOWS = letter(
    "The windows of {{block_name}} will be cleaned from outside next week, from Monday to Wednesday, weather allowing.",
    "Please keep them closed on those days, and take in what stands on the sills.",
)
PARKING = letter(
    "From the first of next month each flat of {{block_name}} has one permit for the yard. Yours comes by post.",
    "Visitors may use the three bays by the gate for up to four hours.",
)
GRITTING = letter(
    "Frost is forecast. The paths of {{block_name}} are gritted before seven in the morning; the grit bin by the gate "
    "is for everybody's use.",
)
BINS = letter(
    "The bin store of {{block_name}} has a new lock. Your present fob opens it.",
    "The council collects paper on alternate Fridays from now on.",
)
ALARM = letter(
    "The fire alarm of {{block_name}} is tested on {DAY} between 10:00 and 10:30. It sounds for a minute at a time. You "
    "need not leave the building.",
    "What to do when it sounds at any other time is on the notice by the lifts and "
    '<a href="https://www.gov.uk/workplace-fire-safety-your-responsibilities">in the guidance</a>.',
)
ALARM_TEXT = (
    "<p>{{block_name}}: the fire alarm is tested tomorrow between 10:00 and 10:30. You need not leave.</p>"
)
PERMIT = "<p>Your permit for the yard of {{block_name}} is in the post. Until it comes, park in any bay.</p>"
PARCEL = "<p>The concierge of {{block_name}} keeps it until nine in the evening.</p>"
WATER = "<p>{{block_name}}: the water is off until about noon while a burst main in Otley Road is mended. Bottled water is in the lobby.</p>"
POWER = "<p>{{block_name}}: the electricity of the common parts is off on Thursday from 09:00 to 11:00. The lift waits on the ground floor.</p>"

MAILINGS = (
    Mailing(700, "circular", "News from {{block_name}}, winter", NEWS, track=True, template="Quarterly news"),
    Mailing(662, "demand_letter", "Service charge demand, half year {PERIOD}", DEMAND, file="demand", template="Service charge demand"),
    Mailing(610, "circular", "Insurance renewal for {{block_name}}", INSURANCE, template="Insurance renewal"),
    Mailing(566, "agm_notice", "Notice of annual general meeting of {{block_name}}", AGM, template="AGM notice"),
    Mailing(540, "circular", "Windows cleaned next week", WINDOWS, blocks=(ACACIA,)),
    Mailing(482, "demand_letter", "Service charge demand, half year {PERIOD}", DEMAND, file="demand", template="Service charge demand"),
    Mailing(455, "circular", "Water off in {{block_name}} until about noon", WATER, "sms", (ACACIA,), time=(8, 30)),
    Mailing(430, "notice", "Notice of intention: roof of {{block_name}}", ROOF, blocks=(BRAMLEY,)),
    Mailing(401, "circular", "One parking permit for each flat", PARKING, blocks=(CHESTNUT,)),
    Mailing(372, "circular", "Budget of {{block_name}} for the coming year", BUDGET, track=True),
    Mailing(340, "circular", "News from {{block_name}}, winter", NEWS, track=True, template="Quarterly news"),
    Mailing(318, "circular", "Frost: paths are gritted", GRITTING, "whatsapp", (CHESTNUT,), time=(16, 15)),
    Mailing(297, "demand_letter", "Service charge demand, half year {PERIOD}", DEMAND, file="demand", template="Service charge demand"),
    Mailing(262, "notice", "Fire door inspection: access needed", FIRE_DOORS, "post"),
    Mailing(245, "circular", "Insurance renewal for {{block_name}}", INSURANCE, template="Insurance renewal"),
    Mailing(214, "notice", "Statement of estimates: roof of {{block_name}}", ROOF, blocks=(BRAMLEY,)),
    Mailing(201, "agm_notice", "Notice of annual general meeting of {{block_name}}", AGM, template="AGM notice"),
    Mailing(170, "circular", "Lift 2 out of service on {DAY}", LIFT, blocks=(ACACIA,), template="Lift out of service"),
    Mailing(148, "circular", "New lock on the bin store", BINS, blocks=(BRAMLEY,)),
    Mailing(117, "demand_letter", "Service charge demand, half year {PERIOD}", DEMAND, file="demand", template="Service charge demand"),
    Mailing(96, "circular", "Electricity of the common parts off on Thursday", POWER, "portal", (ACACIA, BRAMLEY), time=(14, 0)),
    Mailing(88, "circular", "A parcel is in the lobby", PARCEL, "push", (ACACIA,), time=(15, 40)),
    Mailing(74, "notice", "Fire door inspection: access needed", FIRE_DOORS, "hybrid", (CHESTNUT,)),
    Mailing(68, "circular", "Your parking permit", PERMIT, "whatsapp", (CHESTNUT,), time=(11, 20)),
    Mailing(61, "circular", "News from {{block_name}}, autumn", NEWS, track=True, template="Quarterly news"),
    Mailing(33, "circular", "Parking: visitors' bays are marked", PARKING, blocks=(CHESTNUT,), template=""),
    Mailing(26, "circular", "Water off in {{block_name}} until about noon", WATER, "sms", (ACACIA,), time=(8, 10)),
    Mailing(22, "circular", "A parcel is in the lobby", PARCEL, "push", (ACACIA,), time=(12, 5)),
    Mailing(19, "circular", "Windows cleaned next week", WINDOWS, blocks=(ACACIA,), track=True),
)  # fmt: skip

TEMPLATES = {
    "Quarterly news": ("News from {{block_name}}", NEWS),
    "Service charge demand": ("Service charge demand", DEMAND.replace("{PERIOD}", "to 31 March")),
    "Insurance renewal": ("Insurance renewal for {{block_name}}", INSURANCE),
    "AGM notice": ("Notice of annual general meeting of {{block_name}}", AGM),
    "Lift out of service": ("Lift 2 out of service", LIFT.replace("{DAY}", "Tuesday")),
}

# One-off emails that managers wrote to one person each.
NOTES = (
    ("Your question about the bicycle store", "There is a free hook at the far end. Your fob opens the store from tonight."),
    ("Leak below your bathroom", "The plumber comes tomorrow between ten and noon. Please let him in, or leave the key with us."),
    ("Consent to alterations", "The surveyor has no objection to the new kitchen. The licence is with the solicitors."),
    ("Noise after eleven", "Two neighbours have written to us. Please keep it down after eleven; the lease asks it of everybody."),
    ("Your sublet", "Thank you for telling us. Please send the tenancy dates and a telephone number for emergencies."),
    ("Key fob ordered", "A second fob has been ordered. It comes in about a week and costs £18."),
    ("Payment plan agreed", "We have noted three instalments, on the first of each month, and no interest meanwhile."),
)  # fmt: skip

# (channel, what happened, what was said): entries made by hand.
BY_HAND = (
    ("phone", "Asked for the gritting rota", "Asked who clears the north stairs when it freezes. Told: the caretaker, before seven."),
    ("phone", "Rang about the demand", "Wanted the demand explained line by line. Went through it, and sent the budget."),
    ("phone", "Reported a leak under the sink", "Water under the kitchen sink since the morning. Plumber booked for the afternoon."),
    ("phone", "Key left with a neighbour", "Will be away for three weeks. The key is with the flat next door."),
    ("phone", "Complained of noise from above", "Footsteps and furniture after midnight, three nights. Will write to the flat above."),
    ("in_person", "Called at the office about the lease", "Brought the old lease and took a copy of the deed of variation."),
    ("in_person", "Spoke at the door during the inspection", "Asked to have the letter box seen to. Noted."),
    ("hand", "Notice put through the door", "The access notice was put through the letter box, with a witness."),
    ("whatsapp", "Sent a photo of the broken gate", "Answered that the locksmith has been rung and comes on Monday."),
)  # fmt: skip

# (channel, workflow, title, words, kind of reference, its form)
WORKFLOWS = (
    ("portal", "Service charges", "Receipt for your payment", "We have received your payment with thanks.", "invoice", "SC-{}"),
    ("portal", "Bookings", "Your booking of the residents' lounge", "The lounge is yours from 18:00 to 22:00.", "booking", "BK-{}"),
    ("sms", "Bookings", "Reminder: lounge booked for tomorrow", "The key is in the box. Please leave it tidy.", "booking", "BK-{}"),
    ("push", "Parcels", "A parcel is in the lobby", "The concierge keeps it until nine in the evening.", "", ""),
    ("sms", "Service charges", "Payment due in seven days", "Your service charge is due in seven days. Ignore this if you have paid.", "invoice", "SC-{}"),
)  # fmt: skip
