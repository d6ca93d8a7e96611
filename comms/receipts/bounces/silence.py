"""What comes to a bounce address and is no bounce: auto-replies, receipts for reading, warnings of delay, list mail."""

import re

from comms.receipts.bounces.mail import Mail

AWAY = re.compile(
    r"(?i)^(?:re: ?|aw: ?)*\W*(?:auto(?:matic|mated|matische|matisk|maattinen)?[- _]?(?:re(?:ply|sponse|spons|spond\w*)|antwort|svar|answer)|"
    r"automatic reply|out of (?:the )?(?:office|town)|ooo\b|vacation|on (?:vacation|holiday|leave|annual)|away (?:from|until)|"
    r"i am (?:away|out|on)|abwesen|automatische antwort|r[eé]ponse automatique|absence|absent|respuesta autom|risposta autom|"
    r"resposta autom|fuori ufficio|automatisch antwoord|afwezig|autosvar|automatiskt svar|odpowied|自動(?:応答|返信)|不在|自动(?:回复|答复)|автоответ|"
    r".{0,40}(?:out of (?:the )?office|auto-?reply|auto-?response|autoresponder|auto respond)|.{0,60}is (?:on vacation|away|out))"
)
DELAY = re.compile(
    r"(?i)this is a warning message only|you do not need to resend|do(?:es)? not need to re-?send|will (?:be retried|keep trying|retry|continue (?:to (?:try|retry|attempt)|trying)|try again|be re-?tried|attempt|be attempted)|"
    r"delivery (?:attempts will continue|is delayed|has been delayed|delay)|has not (?:yet )?been (?:collected|delivered) (?:yet|for|within|after|since|in)|not yet been delivered|"
    r"message (?:is |has been )?(?:delayed|deferred)|delivery (?:status notification \(delay\))|still (?:in|on) (?:the |its )?queue|keep trying|queued (?:for|and)|"
    r"wird (?:weiterhin|erneut|weiter) versucht|noch nicht zugestellt|verzögert|重试|まだ(?:配信|配送)"
)
FAILED = re.compile(
    r"(?i)permanent(?:ly)? (?:fatal )?(?:error|fail)|permanent (?:fatal )?errors|could not be delivered to (?:one|any|the following)|has been (?:removed|deleted) from the queue|giving up|given up|gave up|"
    r"delivery (?:to the following recipients? )?(?:has )?failed|not going to try again|returned (?:to sender|undelivered)|undeliverable|message (?:has )?expired|will not (?:be retried|retry|try)|no longer (?:be )?(?:tr|retr)|last attempt|(?:could|can)(?: ?not|n't) be delivered\. "
)
SENDER = re.compile(
    r"(?i)mailer[-_ .]?daemon|postmaster|mail[-_ ]?delivery|mail ?system|mdaemon|mail[-_ ]?admin|bounce|administrator|postoffice|microsoftexchange|mailsweeper|antispam|sysadmin|post_master|delivery|daemon|mail ?marshal|system ?admin"
)
REFUSED = re.compile(r"\b5\d\d[ -][5\w<]|\b5\.\d\.\d{1,3}\b")
LATE = re.compile(
    r"(?i)\bwarning\b|\bdelay(?:ed)?\b|\bdeferred\b|could not send message for|still (?:being )?(?:trying|retried)|verz[oö]ger|遅延|retard|retras|vertraag|opóźni|forsink|försen|still trying|temporarily"
)
READ = re.compile(
    r"(?i)^(?:read|gelesen|lu|lu :|letto|leído|leido|read receipt|return receipt|receipt|not read|ungelesen|non lu|gelezen)\s*:|read[- ]receipt|return receipt|disposition notification|開封"
)
DELIVERED = re.compile(
    r"(?i)\bsuccessful(?:ly)?[- ](?:mail )?(?:delivery|delivered|relayed)|\((?:success|relay(?:ed)?|expanded|successful)\)|delivery (?:report|receipt|confirmation|notification):? ?\(?success|^(?:delivered|relayed|zugestellt|remis|übermittelt|weitergeleitet)\s*:|(?:was|were|has been|have been) successfully (?:delivered|relayed)|delivery to the following (?:recipients? |addresses )?(?:was|is complete|has succeeded)|relayed to a mailer|配信(?:完了|されました)"
)
CONFIRM = re.compile(r"(?i)requires confirmation|not pre-?approved|guest ?list|confirm your (?:message|mail)")
CHALLENGE = re.compile(
    r"(?i)boxbe|spamarrest|spam arrest|bluebottle|tmda|challenge|(?:please |to )(?:confirm|verify|authenticate) (?:that you|your (?:message|mail|e-?mail|identity|address))|(?:click|follow|reply|respond|visit) (?:\S+ ){0,12}(?:deliver(?:ed)?|approv|whitelist|allow|confirm|verif)\w*|awaiting (?:approval|moderat|your)|held for approval|waiting list|approved sender|on (?:my|their|his|her) (?:whitelist|guest ?list|approved)|prove (?:that )?you"
)


def away(mail: Mail) -> bool:
    """Say whether headers or subject show an answer of a machine for a person (RFC 3834)."""
    by_subject = bool(AWAY.match(mail.header("subject")))
    by_robot = any(
        mail.header(name)
        for name in (
            "x-autoreply",
            "x-autorespond",
            "x-auto-reply-from",
            "x-mail-autoreply",
            "x-apple-action",
        )
    )
    robot = mail.header("precedence").lower() in ("auto_reply", "auto-reply") or mail.header(
        "auto-submitted"
    ).lower().startswith(("auto-replied (vac", "auto-replied; owner", "auto-replied;vac"))
    return by_subject or (by_robot or robot) and not daemon(mail)


def answered(mail: Mail) -> bool:
    """Say whether a machine answered by its own account, which some servers also say of their bounces."""
    return mail.header("auto-submitted").lower() not in ("", "no") or bool(
        mail.header("x-auto-response-suppress")
    )


def late(mail: Mail) -> bool:
    """Say whether a mail only warns that it takes longer, and its sender goes on trying."""
    text = f"{mail.header('subject')}\n{' '.join(mail.words.split())}"
    return (
        bool(DELAY.search(text))
        and not FAILED.search(mail.words)
        and not re.search(r"(?i)fail|undeliver", mail.header("subject"))
    )


def kept(mail: Mail) -> bool:
    """Say whether a mail asks for a confirmation, tells of success, or that it was read."""
    subject = mail.header("subject")
    if mail.receipts or READ.search(subject) or DELIVERED.search(subject):
        return True
    return bool(DELIVERED.search(" ".join(mail.words.split())[:600])) and not FAILED.search(mail.words)


def listed(mail: Mail) -> bool:
    """Say whether a mail came over a mailing list, so that its words are about something else."""
    return bool(mail.header("list-id") or mail.header("list-post"))


def daemon(mail: Mail) -> bool:
    """Say whether a mail's sender calls itself a mail system."""
    return bool(SENDER.search(mail.header("from")))


def challenge(mail: Mail) -> bool:
    """Say whether a mail wants its sender to prove to be a person before it is delivered."""
    words = " ".join(mail.words.split())[:4000]
    return bool(CHALLENGE.search(words)) and not (
        FAILED.search(words) or REFUSED.search(words) or daemon(mail)
    )


def notice(mail: Mail) -> str:
    """Give what kind of notice a mail is that is neither a bounce nor an answer, or nothing."""
    return "receipt" if kept(mail) else "challenge" if challenge(mail) else ""
