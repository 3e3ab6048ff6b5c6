"""Mail queues that lose, repeat or swap mails."""

from tests.contract.mutants.mutant import Mutant

_MODULE = "adapters.inmemory.mail_queue"

MAILS = (
    Mutant(
        "takes a mail again for an event that has one",
        _MODULE,
        "                if new.event_id not in self._mails:",
        "                if True:",
    ),
    Mutant(
        "leases a mail that waits for an earlier one of its stream",
        _MODULE,
        "        return first_of_its_stream and (mail.due_at is None or mail.due_at <= now)",
        "        return mail.due_at is None or mail.due_at <= now",
    ),
    Mutant(
        "leases mails that are not due",
        _MODULE,
        "        return first_of_its_stream and (mail.due_at is None or mail.due_at <= now)",
        '        return first_of_its_stream and (mail.status == "pending" or mail.due_at <= now)',
    ),
    Mutant(
        "never lets a lease end",
        _MODULE,
        "        return first_of_its_stream and (mail.due_at is None or mail.due_at <= now)",
        '        return first_of_its_stream and mail.status == "pending" and (mail.due_at is None or mail.due_at <= now)',
    ),
    Mutant(
        "leases the newest mail first",
        _MODULE,
        "            mails = (self._mails[event_id] for _, event_id in self._open)",
        "            mails = (self._mails[event_id] for _, event_id in reversed(self._open))",
    ),
    Mutant(
        "does not say that a lease was abandoned",
        _MODULE,
        '        return [Leased(mail, before.status == "sending") for before, mail in zip(free, leased, strict=True)]',
        "        return [Leased(mail, False) for before, mail in zip(free, leased, strict=True)]",
    ),
    Mutant(
        "settles a lease that another has now",
        _MODULE,
        '            if kept is None or (kept.status, kept.attempts) != ("sending", mail.attempts):',
        '            if kept is None or kept.status != "sending":',
    ),
    Mutant(
        "settles a mail twice",
        _MODULE,
        '            if kept is None or (kept.status, kept.attempts) != ("sending", mail.attempts):',
        "            if kept is None or kept.attempts != mail.attempts:",
    ),
    Mutant(
        "sends a rejected mail again",
        _MODULE,
        '            if mail.status != "pending":',
        '            if mail.status not in ("pending", "rejected"):',
    ),
)
