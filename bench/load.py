"""Fill a database with a log of the shape of a real one: `OWNER_DATABASE_URL=… python bench/load.py 1000000`.

Deterministic for a number of entries: every value follows from the entry's number. It works inside
PostgreSQL, as the owner of the tables, in slices and without leaves (`manage.py make_leaves` makes them), so that they lie on disk as those of a log that grew:
ascending by time. One organisation has half of all entries; 2 % bounced, 1 % failed.
Bodies have 60 to 550 words from a vocabulary in which the n-th word is about as frequent as 1/n; the
circulars' words recur, as each has hundreds of recipients.
"""

import os
import sys
from typing import Any

import psycopg

ORGANISATIONS = 20
BLOCKS = 20  # of each organisation
UNITS = 30  # of each block
SLICE = 50_000
RARE = "zanzibar"  # in one of 100,000 entries
COMMON = "lift"  # in most of the texts

# The n-th word of the vocabulary, n drawn so that small n are common; a few real ones among made-up stems.
WORDS = (  # noqa: SIM905
    "lift service charge notice meeting water roof fire door key block flat please engineer visit repair "
    "insurance gate parking bin light heating boiler leak damp window balcony stairs hall garden contractor "
    "invoice payment budget reserve fund director leaseholder tenant lease section works estimate tender"
).split()

PEOPLE = """
INSERT INTO portfolio_organisation (public_id, name, slug, time_zone, sender_name, sender_email, reply_to, phone, address,
    reference_urls, letter_foot, channels, language, portal_in_mail, created_at)
SELECT md5('o' || n)::uuid, 'Organisation ' || n, 'bench-' || n, 'Europe/London', 'Organisation ' || n,
    'office@bench' || n || '.example', '', '', '', '{"invoice": "https://accounts.example/{reference}"}', '', '["email"]', 'en', false, now()
FROM generate_series(1, %(organisations)s) n;
INSERT INTO portfolio_block (organisation_id, public_id, name, reference, address, town, postcode, address_style, created_at)
SELECT o.id, md5(o.slug || 'b' || n)::uuid, 'Block ' || n, '', n || ' Mill Lane', 'Leeds', 'LS1 4AB', 'named', now()
FROM portfolio_organisation o, generate_series(1, %(blocks)s) n WHERE o.slug LIKE 'bench-%%' ORDER BY o.id, n;
INSERT INTO portfolio_unit (organisation_id, public_id, block_id, name, reference, position)
SELECT b.organisation_id, md5(b.public_id::text || n)::uuid, b.id, 'Flat ' || n, '', n
FROM portfolio_block b JOIN portfolio_organisation o ON o.id = b.organisation_id, generate_series(1, %(units)s) n
WHERE o.slug LIKE 'bench-%%' ORDER BY b.id, n;
INSERT INTO contacts_contact (organisation_id, public_id, kind, title, first_name, last_name, name, reference, email, phone, address,
    preferred_channel, whatsapp_opt_in, language, large_print, labels, notes, created_at)
SELECT u.organisation_id, u.public_id, 'person', '', 'Person', 'No' || u.id, 'Person No' || u.id, '',
    'person' || u.id || '@mail.example', '+447700' || lpad((u.id %% 1000000)::text, 6, '0'), '', '', false, 'en', false, '{}', '', now()
FROM portfolio_unit u JOIN portfolio_organisation o ON o.id = u.organisation_id WHERE o.slug LIKE 'bench-%%' ORDER BY u.id;
INSERT INTO comms_template (organisation_id, public_id, name, channel, type)
SELECT id, md5(slug || 't' || n)::uuid, 'Template ' || n, 'email', ''
FROM portfolio_organisation, generate_series(1, 10) n WHERE slug LIKE 'bench-%%' ORDER BY id, n;
"""

PLACES = """
CREATE TEMPORARY TABLE bench_place AS
SELECT row_number() OVER (ORDER BY o.id) - 1 AS position, o.id AS organisation_id, array_agg(u.id ORDER BY u.id) AS units,
    (SELECT array_agg(t.id ORDER BY t.id) FROM comms_template t WHERE t.organisation_id = o.id) AS templates
FROM portfolio_organisation o JOIN portfolio_unit u ON u.organisation_id = o.id WHERE o.slug LIKE 'bench-%%' GROUP BY o.id;
CREATE TEMPORARY TABLE bench_who AS
SELECT u.id AS unit_id, u.block_id, c.id AS contact_id, c.name, c.email, c.phone,
    array_to_tsvector(ARRAY(SELECT DISTINCT token FROM unnest(regexp_split_to_array(lower(c.name), '\\s+')
        || regexp_split_to_array(c.email, '[^a-z0-9]+') || ARRAY[c.email])
        AS token WHERE token <> '')) AS by_email,
    array_to_tsvector(ARRAY(SELECT DISTINCT token FROM unnest(regexp_split_to_array(lower(c.name), '\\s+')
        || ARRAY[c.phone, right(c.phone, 6), replace(c.phone, '+44', '0'), ltrim(c.phone, '+')])
        AS token)) AS by_phone
FROM portfolio_unit u JOIN contacts_contact c ON c.public_id = u.public_id;
CREATE UNIQUE INDEX ON bench_who (unit_id);
CREATE TEMPORARY TABLE bench_text AS
SELECT number, title, body, to_tsvector('english', title || ' ' || body) AS words FROM (
    SELECT number, string_agg(word, ' ' ORDER BY place) FILTER (WHERE place <= 7) AS title,
        string_agg(word, ' ' ORDER BY place) AS body
    FROM (
        SELECT number, place, CASE WHEN rank <= cardinality(%(words)s::text[]) THEN (%(words)s::text[])[rank]
            ELSE 'w' || substr(md5(rank::text), 1, 6) END AS word
        FROM generate_series(0, %(texts)s - 1) number,
            LATERAL generate_series(1, %(shortest)s + number %% 7 * (%(longest)s - %(shortest)s) / 6) place,
            LATERAL (SELECT floor(exp(ln(20000) * ('x' || substr(md5(number || 'p' || place), 1, 7))::bit(28)::int
                / 268435456.0))::int AS rank) AS drawn
    ) AS spelled GROUP BY number
) AS texts;
CREATE UNIQUE INDEX ON bench_text (number);
CREATE TEMPORARY TABLE bench_row (n bigint, id bigint, at timestamptz, organisation_id bigint, unit_id bigint, template_id bigint,
    channel text, status text, bounce text, type text, sender text, circular bigint, reference text);
ANALYZE bench_place; ANALYZE bench_who; ANALYZE bench_text;
"""

DRAW = """
TRUNCATE bench_row;
INSERT INTO bench_row
SELECT n, %(base)s + n, timestamptz '2026-11-21 04:00+00' - (%(total)s - n) * (interval '3 years' / %(total)s),
    organisation_id, units[1 + floor(r1 * cardinality(units))::int],
    CASE WHEN circular %% 3 = 0 THEN templates[1 + circular %% 10] END,
    CASE WHEN r2 < .78 THEN 'email' WHEN r2 < .90 THEN 'sms' WHEN r2 < .97 THEN 'post' WHEN r2 < .985 THEN 'whatsapp'
         WHEN r2 < .995 THEN 'portal' ELSE 'phone' END,
    CASE WHEN r2 >= .995 THEN 'sent' WHEN r3 < .02 THEN 'bounced' WHEN r3 < .03 THEN 'failed' WHEN r3 < .032 THEN 'dropped'
         WHEN r3 < .033 THEN 'spam' WHEN r3 < .0335 THEN 'unconfirmed' WHEN r3 < .04 THEN 'deferred' WHEN r3 < .2 THEN 'sent'
         WHEN r3 < .3 THEN 'opened' ELSE 'delivered' END,
    (ARRAY['hard', 'hard', 'soft', 'spam'])[1 + n %% 4],
    (ARRAY['circular', 'circular', 'notice', 'message', 'demand_letter', 'system'])[1 + circular %% 6],
    CASE WHEN circular %% 6 = 5 THEN 'Service charges' ELSE 'Manager ' || circular %% 7 END, circular,
    CASE WHEN n %% 10 = 0 THEN 'SC-' || n ELSE '' END
FROM (
    SELECT n, n / 300 AS circular, ('x' || substr(md5('a' || n), 1, 7))::bit(28)::int / 268435456.0 AS r1,
        ('x' || substr(md5('b' || n), 1, 7))::bit(28)::int / 268435456.0 AS r2,
        ('x' || substr(md5('c' || n), 1, 7))::bit(28)::int / 268435456.0 AS r3
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) n
) AS numbered JOIN bench_place ON position =
    CASE WHEN circular %% 2 = 0 THEN 0 ELSE 1 + (circular / 2) %% (%(organisations)s - 1) END
ORDER BY n;
ANALYZE bench_row;
INSERT INTO comms_logentry (id, public_id, organisation_id, recorded_at, type, channel, manual, to_name, to_address, title,
    snippet, words, personal, layout, sha256, size, withheld, attachments, block_id, unit_id, contact_id, reference_type,
    reference, sender_label, template_label, message_id)
SELECT d.id, md5('entry' || d.n)::uuid, d.organisation_id, d.at, d.type, d.channel, d.channel = 'phone', w.name,
    CASE WHEN d.channel IN ('sms', 'whatsapp', 'phone') THEN w.phone ELSE w.email END, t.title, left(t.body, 150),
    t.body, '', '[]', md5('x' || d.n) || md5('y' || d.n), 4000, false, '[]', w.block_id, w.unit_id, w.contact_id,
    CASE WHEN d.reference <> '' THEN 'invoice' ELSE '' END, d.reference, d.sender,
    CASE WHEN d.template_id IS NULL THEN '' ELSE 'Template ' || 1 + d.circular %% 10 END, '<' || d.n || '@bench.example>'
FROM bench_row d JOIN bench_who w ON w.unit_id = d.unit_id JOIN bench_text t ON t.number = d.circular %% %(texts)s
ORDER BY d.id;
INSERT INTO comms_delivery (entry_id, organisation_id, status, bounce, reason, status_at, at, sent_at, channel, type,
    template_id, sender_label, block_id, unit_id, contact_id, reference_type, reference, manual)
SELECT d.id, d.organisation_id, d.status, CASE WHEN d.status = 'bounced' THEN d.bounce ELSE '' END,
    CASE WHEN d.status = 'bounced' THEN 'No such mailbox' ELSE '' END, d.at + interval '4 s', d.at, d.at, d.channel, d.type,
    d.template_id, d.sender, w.block_id, w.unit_id, w.contact_id, CASE WHEN d.reference <> '' THEN 'invoice' ELSE '' END,
    d.reference, d.channel = 'phone'
FROM bench_row d JOIN bench_who w ON w.unit_id = d.unit_id ORDER BY d.id;
INSERT INTO comms_search (entry_id, organisation_id, words, tokens)
SELECT d.id, d.organisation_id, CASE WHEN d.n %% 100000 = 7 THEN t.words || to_tsvector('english', %(rare)s) ELSE t.words END,
    CASE WHEN d.channel IN ('sms', 'whatsapp', 'phone') THEN w.by_phone ELSE w.by_email END
FROM bench_row d JOIN bench_who w ON w.unit_id = d.unit_id JOIN bench_text t ON t.number = d.circular %% %(texts)s
ORDER BY d.id;
"""

TABLES = ["comms_logentry", "comms_delivery", "comms_search"]


def load(
    owner: psycopg.Connection, total: int, *, shortest: int = 50, longest: int = 450, texts: int = 2000
) -> None:
    """Fill an empty log with that many entries, as the owner of the tables; indexes are made at the end."""
    facts: dict[str, Any] = {
        "organisations": ORGANISATIONS,
        "blocks": BLOCKS,
        "units": UNITS,
        "total": total,
        "texts": texts,
        "shortest": shortest,
        "longest": longest,
        "rare": RARE,
        "words": WORDS,
    }
    cursor = psycopg.ClientCursor(owner)
    cursor.execute("SELECT coalesce(max(id), 0) FROM comms_logentry")
    facts["base"] = (cursor.fetchone() or (0,))[0]
    made_again = _without_indexes(cursor)
    cursor.execute("ALTER TABLE comms_logentry DISABLE TRIGGER leaf_written")
    cursor.execute(PEOPLE, facts)
    cursor.execute(PLACES, facts)
    for first in range(1, total + 1, SLICE):
        cursor.execute(DRAW, {**facts, "first": first, "last": min(first + SLICE - 1, total)})
    cursor.execute(
        "SELECT setval(pg_get_serial_sequence('comms_logentry', 'id'), max(id)) FROM comms_logentry"
    )
    cursor.execute("ALTER TABLE comms_logentry ENABLE TRIGGER leaf_written")
    cursor.execute("SET maintenance_work_mem = '512MB'")
    for statement in made_again:
        cursor.execute(statement)
    owner.commit()
    owner.autocommit = True
    for table in [*TABLES, "portfolio_block", "portfolio_unit", "contacts_contact"]:
        owner.execute(f"VACUUM ANALYZE {table}")


def _without_indexes(cursor: psycopg.Cursor) -> list[str]:
    """Drop the indexes and foreign keys of the log's tables; give the statements that make them again."""
    cursor.execute(
        "SELECT conrelid::regclass::text, conname, pg_get_constraintdef(oid) FROM pg_constraint"
        " WHERE contype = 'f' AND conrelid = ANY(%s::regclass[]) ORDER BY conname",
        [TABLES],
    )
    again = []
    for table, name, definition in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')
        again.append(f'ALTER TABLE {table} ADD CONSTRAINT "{name}" {definition} NOT VALID')
    cursor.execute(
        "SELECT indexrelid::regclass::text, pg_get_indexdef(indexrelid) FROM pg_index"
        " WHERE indrelid = ANY(%s::regclass[]) AND NOT indisunique ORDER BY 1",
        [TABLES],
    )
    for name, definition in cursor.fetchall():
        cursor.execute(f"DROP INDEX {name}")
        again.insert(0, definition)
    return again


if __name__ == "__main__":
    with psycopg.connect(os.environ.get("OWNER_DATABASE_URL") or os.environ["DATABASE_URL"]) as connection:
        load(connection, int(sys.argv[1]))
