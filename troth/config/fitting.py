"""Whether the parts of a configuration fit each other: plans and letters, people, languages, clients."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from fnmatch import fnmatchcase

from troth.config.checks import each, text_of, warning
from troth.config.tree import Config, ReturnPath, Watch
from troth.hours import Duration, NeverOpens, Rate
from troth.letters import Letters, is_telling
from troth.model import Address, Occasion, Severity, address, domain_of
from troth.place import Mistake, Node, nearest
from troth.plan import GIVEN_UP, NO_LETTER, Only, Plan, PlanStep, Role, Since, Unless
from troth.rulebook import Rulebook
from troth.token import LONGEST_INBOX


@dataclass(frozen=True, slots=True)
class Parts:
    """What there is to compare; None for what could not be read."""

    config: Config
    root: Node
    letters: Letters | None
    rulebook: Rulebook | None
    clients: Node | None


def of_parts(parts: Parts) -> Iterator[Mistake]:
    for check in _CHECKS:
        yield from check(parts)


def _steps(parts: Parts) -> Iterator[tuple[Plan, PlanStep]]:
    """The steps of the owner's own plans; the usual ones have no place in his file."""
    if parts.root.get("plans") is not None:
        yield from ((plan, step) for plan in parts.config.plans.all for step in plan.steps)


def _letters(parts: Parts) -> Iterator[Mistake]:
    for plan, step in _steps(parts):
        if parts.letters is not None and step.purpose not in parts.letters:
            meant = _meant(plan, step, parts.letters.names)
            mend = f"did you mean `{meant}`" if meant else f"write templates/{step.purpose}.txt"
            yield Mistake(step.place, f"there is no letter `{step.purpose}`", mend)
        elif is_telling(step.purpose) != bool(step.tell):
            mend = "letters under colleague/ go with `tell`, all others with `letter`"
            yield Mistake(step.place, f"`{step.purpose}` is not for those this step writes to", mend)


def _meant(plan: Plan, step: PlanStep, names: Collection[str]) -> str | None:
    """The letter that a name means which does not exist: that of the folder it would lie in, if there is one."""
    own = f"{'colleague' if step.tell else plan.occasion}/{step.purpose}"
    return own if own in names else nearest(step.purpose, list(names))


def _told(parts: Parts) -> Iterator[Mistake]:
    known = {address for colleague in parts.config.colleagues for address in colleague.addresses}
    mend = "add that person to colleagues, or tell somebody who is there"
    for _, step in _steps(parts):
        for who in step.tell:
            if not isinstance(who, Role) and who not in known:
                yield Mistake(step.place, f"`{who}` is no colleague's address", mend)
    for node in each(parts.root, "digest", "to", "*"):
        named = address(text_of(node))
        if named and named not in known:
            yield Mistake(node.place, f"`{named}` is no colleague's address", mend)


def _late(parts: Parts) -> Iterator[Mistake]:
    oldest = parts.config.letters.oldest
    for plan, step in _steps(parts):
        if step is plan.acknowledgement and step.after and _at_least(step.after) > oldest.fixed:
            message = f"this can never leave: {step.after} is more than letters.oldest ({oldest}) allows"
            yield warning(step.place, message, "let it leave sooner, or allow older mail under letters")


def _at_least(length: Duration) -> timedelta:
    """The least time that a duration can come to: N business days end on the Nth day, N business hours last N hours."""
    return Duration(length.amount, length.unit).fixed if not length.unit.business else _in_business(length)


def _in_business(length: Duration) -> timedelta:
    return timedelta(hours=length.amount) if "hours" in length.unit.value else timedelta(days=length.amount)


def _settled_before(parts: Parts) -> Iterator[Mistake]:
    settle = parts.config.settle
    for _, step in _steps(parts):
        waits = step.since is Since.ANSWERED and Unless.SETTLED in step.unless
        if waits and step.after and _outlasts(step.after, settle):
            message = (
                f"this can hardly ever leave: an answered case settles after {settle}, before its {step.after} are over"
            )
            yield warning(step.place, message, "let it leave sooner, or count it `since: settled`")


def _outlasts(length: Duration, other: Duration) -> bool:
    """Whether a time ends after another for certain; how long business time lasts at most, nobody can say."""
    if length.unit is other.unit:
        return length.amount > other.amount
    return not other.unit.business and _at_least(length) > other.fixed


def _crowded(parts: Parts) -> Iterator[Mistake]:
    """Follow-ups that one before them keeps from leaving, however long they are postponed."""
    rate = parts.config.letters.per_client.follow_up
    for plan, step in _steps(parts):
        earlier = [each for each in plan.steps if rate.count == 1 and _shortly_before(each, step, plan, rate)]
        if earlier:
            message = (
                f"this can hardly ever leave: `{earlier[0].purpose}` leaves shortly before it, and a client gets "
                f"{rate} of such letters"
            )
            mend = "let it leave later, leave one of them out, or allow more under letters.per_client.follow_up"
            yield warning(step.place, message, mend)


def _shortly_before(first: PlanStep, then: PlanStep, plan: Plan, rate: Rate) -> bool:
    """Whether both leave in one course of things, the second too soon for the rate even when it was postponed."""
    letters = first.letter and then.letter and plan.acknowledgement not in (first, then)
    alike = first.since is then.since and first.only in (Only(), then.only) and first.unless <= then.unless
    if not (letters and alike and first.after and then.after) or first.after.unit is not then.after.unit:
        return False
    apart = Duration(then.after.amount - first.after.amount, then.after.unit)
    return apart.amount > 0 and 2 * _at_least(apart) + GIVEN_UP < rate.window.fixed


_TELLING = "`{tell: owner, with: colleague/before-close, before_close: 45 minutes, unless: [answered]}`"


def _untold(parts: Parts) -> Iterator[Mistake]:
    """A complaint in which nobody hears of the waiting goes into the night."""
    node = parts.root.get("plans")
    if node is None or not isinstance(node.value, dict):
        return
    told = [step for step in parts.config.plans.of(Occasion.COMPLAINT).steps if step.tell]
    if Occasion.COMPLAINT not in node.value:
        message, mend = (
            "complaints that nobody answers are told to nobody",
            "add a plan `complaint` with a step such as",
        )
        yield warning(parts.root.place_of("plans"), message, f"{mend} {_TELLING}")
    elif not any(_tells_of_any(step) for step in told):
        none = "complaints that nobody answers are told to nobody"
        message = "not every complaint that nobody answers is told to somebody" if told else none
        yield warning(node.place_of("complaint"), message, f"add a step such as {_TELLING}")


def _tells_of_any(step: PlanStep) -> bool:
    """Whether it tells of an ordinary complaint, whenever that came and whoever it is from."""
    only = step.only
    ordinary = not only.tags and not only.stage and (not only.severity or Severity.NORMAL in only.severity)
    return ordinary and step.since is Since.RECEIVED and not step.at_opening


def _tags(parts: Parts) -> Iterator[Mistake]:
    known = sorted({tag for rule in parts.rulebook.rules for tag in rule.tags}) if parts.rulebook else []
    for _, step in _steps(parts):
        for tag in sorted(step.only.tags - set(known) - NO_LETTER) if known else ():
            meant = nearest(tag, known)
            mend = f"did you mean `{meant}`" if meant else f"give it to a rule, or write one of {', '.join(known)}"
            yield warning(step.place, f"no rule gives the tag `{tag}`", mend)


def _languages(parts: Parts) -> Iterator[Mistake]:
    if parts.rulebook is None:
        return
    for node in each(parts.root, "business", "languages", "*"):
        if text_of(node) not in parts.rulebook.languages:
            message = f"there are no rules for `{text_of(node)}`: such mail is shown to people and gets no letter"
            yield warning(node.place, message, "add a pack to `rules:`, as docs/writing-rules.md says")


def _open(parts: Parts) -> Iterator[Mistake]:
    try:
        parts.config.hours.next_opening(datetime(2026, 1, 1, tzinfo=UTC))
    except NeverOpens:
        place = parts.root.place_of("business")
        yield Mistake(place, "the business never opens", "take days out of holidays, or add hours")


def _verified(parts: Parts) -> Iterator[Mistake]:
    trusting = any(inbox.authserv_id for inbox in parts.config.inboxes)
    for node in each(parts.root, "letters", "return_path"):
        if parts.config.letters.return_path is ReturnPath.IGNORE and not trusting:
            message = "`return_path: ignore` asks for a DMARC pass, and nobody's word on that is believed"
            yield warning(node.place, message, "add `authserv_id:` to the inbox, or no letter leaves")


def _sub_addresses(parts: Parts) -> Iterator[Mistake]:
    for inbox in each(parts.root, "inboxes", "*"):
        asked, written = inbox.get("sub_addresses"), text_of(inbox.get("address"))
        if asked is not None and asked.value is True and len(written.rpartition("@")[0]) > LONGEST_INBOX:
            message = f"`{written}` leaves no room for sub-addresses: an address has 64 characters left of its @"
            mend = f"leave `sub_addresses` out, or use an inbox of at most {LONGEST_INBOX} characters left of the @"
            yield Mistake(asked.place, message, mend)


def _own_inbox(parts: Parts) -> Iterator[Mistake]:
    """What comes into an inbox in its own name proves nothing: who has no other address is heard in Sent alone."""
    people = {who: each.name for each in parts.config.colleagues for who in each.addresses}
    for node, inbox in zip(each(parts.root, "inboxes", "*"), parts.config.inboxes, strict=False):
        named = next((people[who] for who in sorted(inbox.addresses) if who in people), None)
        if named is not None and Watch.SENT not in inbox.watch:
            message = f"{named} writes from this inbox, and replies to Troth from there are read in its Sent alone"
            yield warning(node.place, message, "write `watch: [inbox, sent]`")


def _store(parts: Parts) -> Iterator[Mistake]:
    node = parts.root.get("store")
    user, at, _ = parts.config.store.url.partition("://")[2].rpartition("@")
    if node is not None and at and ":" in user:
        mend = "write `store: {env: TROTH_STORE}` and keep the whole address there"
        yield warning(node.place, "the store's password stands in this file", mend)


def _files(parts: Parts) -> Iterator[Mistake]:
    for node in each(parts.root, "inboxes", "*"):
        for kind in ("imap", "smtp"):
            yield from _authority(parts, next(each(node, kind, "ca_file"), None))
            yield from _authority(parts, next(each(node, kind, "oauth", "ca_file"), None))


def _authority(parts: Parts, node: Node | None) -> Iterator[Mistake]:
    asked = [one for inbox in parts.config.inboxes for one in (inbox.imap, inbox.smtp, inbox.oauth) if one]
    missing = {str(one.ca_file) for one in asked if one.ca_file and not one.ca_file.is_file()}
    if node is not None and any(path.endswith(text_of(node)) for path in missing):
        yield Mistake(node.place, f"there is no file `{text_of(node)}`", "mend the path, which counts from config.yaml")


def _ours(parts: Parts) -> set[Address]:
    people, inboxes = parts.config.colleagues, parts.config.inboxes
    return {who for part in (people, inboxes) for one in part for who in one.addresses}


def _clients(parts: Parts) -> Iterator[Mistake]:
    ours, domains = _ours(parts), parts.config.business.domains
    for node in each(parts.clients, "*", "addresses", "*"):
        who = address(text_of(node))
        if who and (who in ours or domain_of(who) in domains):
            yield Mistake(node.place, f"`{who}` is one of your own addresses", "take it out of clients")
        elif who and any(fnmatchcase(who, pattern) for pattern in parts.config.not_clients):
            message = f"`{who}` is under not_clients as well, which counts"
            yield warning(node.place, message, "take it out of one of them")


_CHECKS: tuple[Callable[[Parts], Iterator[Mistake]], ...] = (
    _letters,
    _told,
    _late,
    _settled_before,
    _crowded,
    _untold,
    _tags,
    _languages,
    _open,
    _verified,
    _sub_addresses,
    _own_inbox,
    _store,
    _files,
    _clients,
)
