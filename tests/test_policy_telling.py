from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from tests.matters import ADA, SAM, business, due
from troth.model import Address, Occasion, Tell
from troth.policy import mails
from troth.policy.telling import MOST_MATTERS

BUSINESS = business()
WAITING, BEFORE_CLOSE = "colleague/waiting to assignee", "colleague/before-close to owner"


def telling(case: str, step: str = WAITING, to: tuple[Address, ...] = (ADA,)) -> Tell:
    purpose = step.partition(" ")[0]
    return Tell(f"{case}:{step}", purpose, to, "nobody has answered yet", due(step, of=case), case)


def test_several_matters_of_one_moment_become_one_mail_for_each_colleague() -> None:
    told = mails([telling("c-1"), telling("c-2", to=(ADA, SAM)), telling("c-3")], BUSINESS)
    assert [(mail.to, [step.case for step in mail.all]) for mail in told] == [
        (ADA, ["c-1", "c-2", "c-3"]),
        (SAM, ["c-2"]),
    ]


def test_of_several_tellings_of_one_case_the_latest_in_its_plan_speaks() -> None:
    (told,) = mails([telling("c-1", BEFORE_CLOSE), telling("c-1")], BUSINESS)
    assert [step.purpose for step in told.all] == ["colleague/before-close"]


def test_of_several_kinds_the_gravest_gives_the_mail_its_template() -> None:
    (told,) = mails([telling("c-1"), telling("c-2", BEFORE_CLOSE), telling("c-3")], BUSINESS)
    assert told.lead.purpose == "colleague/before-close"
    assert len(told.all) == 3


def test_a_mail_that_nobody_would_read_to_its_end_is_parted() -> None:
    told = mails([telling(f"c-{n}") for n in range(MOST_MATTERS + 1)], BUSINESS)
    assert [len(mail.all) for mail in told] == [MOST_MATTERS, 1]


def test_praise_has_no_case_and_is_told_by_its_key() -> None:
    praise = [replace(telling("m-1"), case=None), replace(telling("m-2"), case=None, key="m-2")]
    assert [len(mail.all) for mail in mails(praise, BUSINESS)] == [2]


TELLINGS = st.lists(
    st.builds(
        telling,
        st.sampled_from([f"c-{n}" for n in range(30)]),
        st.sampled_from([WAITING, BEFORE_CLOSE]),
        st.sampled_from([(ADA,), (SAM,), (ADA, SAM)]),
    ),
    max_size=60,
)


@given(TELLINGS)
def test_everybody_hears_of_every_matter_he_is_told_of_once(tellings: list[Tell]) -> None:
    told = mails(tellings, BUSINESS)
    for who in (ADA, SAM):
        heard = [step.case for mail in told if mail.to == who for step in mail.all]
        assert len(heard) == len(set(heard))
        assert set(heard) == {step.case for step in tellings if who in step.to}
    keys = [(mail.lead.key, mail.to) for mail in told]
    assert len(keys) == len(set(keys))


def test_promises_are_told_in_a_mail_of_their_own_and_each_of_them_stands_in_it() -> None:
    promised = [
        replace(each, follow_up=replace(each.follow_up, occasion=Occasion.PROMISE, promise=f"p-{number}"))
        for number, each in enumerate([telling("c-1"), replace(telling("c-1"), key="k-2")])
        if each.follow_up
    ]
    told = mails([telling("c-1"), *promised], BUSINESS)
    assert [[step.key for step in mail.all] for mail in told] == [
        ["c-1:colleague/waiting to assignee"],
        ["c-1:colleague/waiting to assignee", "k-2"],
    ]
