"""What Troth does in the situations of a business, told in tests/stories as its owner would tell them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.story import Story, moments, stories, told

ALL = stories()


@pytest.mark.parametrize("story", ALL, ids=[story.title for story in ALL])
def test_the_story_goes_as_it_is_told(story: Story, tmp_path: Path) -> None:
    telling = told(story, tmp_path)
    assert list(moments(telling.left())) == list(moments(story.then)), telling.reasons()
    missing = [reason for reason in story.because if not any(reason in said for said in telling.reasons())]
    assert not missing, telling.reasons()
    if story.cases:
        assert telling.cases() == list(story.cases)


def test_no_two_stories_have_one_title() -> None:
    assert [title for title, count in Counter(story.title for story in ALL).items() if count > 1] == []


def test_there_are_stories_enough() -> None:
    assert len(ALL) >= 40
