"""What pages keep of the answers of other processes."""

import pytest

from gan_core.tasks.asking import Question
from gan_core.tasks.base import Result
from pages.components.asking import Answers


@pytest.fixture
def results():
    return {Question.of("look", "workspace", data=str(i)): Result(str(i), files={"x": b"0" * 100}) for i in range(5)}


def test_the_latest_answers_are_kept_as_many_as_there_is_room_for(results):
    kept = Answers(most=3, most_bytes=1000)
    for question, result in results.items():
        kept.put(question, result)
    assert [kept.get(question) is not None for question in results] == [False, False, True, True, True]
    first, *_, last = [question for question in results if kept.get(question)]
    kept.get(first)
    kept.put(Question.of("look", "workspace", data="new"), Result())
    assert kept.get(first) and kept.get(last), "what was used lately stays"


def test_bytes_count_too_and_the_last_stays_however_large(results):
    kept = Answers(most=100, most_bytes=250)
    for question, result in results.items():
        kept.put(question, result)
    assert sum(kept.get(question) is not None for question in results) == 2
    large = Question.of("draw", "workspace")
    for _ in range(2):
        kept.put(large, Result(files={"x": b"0" * 1000}))
    assert kept.get(large) and not any(kept.get(question) for question in results)
    kept.put(large, Result(files={"x": b"0"}))
    for question, result in [*results.items()][:2]:
        kept.put(question, result)
    assert all(kept.get(question) for question in [large, *[*results][:2]]), "an answer that is replaced counts once"


def test_equal_questions_are_one_in_whatever_order_their_knobs_come():
    assert Question.of("draw", "w", n=1, seed=2) == Question.of("draw", "w", seed=2, n=1)
    assert len({Question.of("draw", "w", n=1), Question.of("draw", "w", n=2), Question.of("draw", "v", n=1)}) == 3
