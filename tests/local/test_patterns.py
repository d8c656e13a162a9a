"""Event filters let through what Lambda's would."""

import json
from typing import Any

import pytest

from local.patterns import Pattern, UnknownRule

RECORD = {
    "eventName": "INSERT",
    "dynamodb": {"Keys": {"PK": {"S": "OUTBOX#1"}}, "NewImage": {"kind": {"S": "liked"}, "count": {"N": "3"}}},
}


def passes(pattern: Any) -> bool:
    return Pattern.parse(json.dumps(pattern)).matches(RECORD)


@pytest.mark.parametrize(
    "pattern",
    [
        {},
        {"eventName": ["INSERT"]},
        {"eventName": ["MODIFY", "INSERT"]},
        {"dynamodb": {"Keys": {"PK": {"S": [{"prefix": "OUTBOX#"}]}}}},
        {"eventName": ["INSERT"], "dynamodb": {"NewImage": {"kind": {"S": ["liked"]}}}},
        {"dynamodb": {"NewImage": {"kind": {"S": [{"suffix": "ked"}]}}}},
        {"dynamodb": {"OldImage": {"kind": {"S": [{"exists": False}]}}}},
        {"dynamodb": {"NewImage": {"kind": {"S": [{"exists": True}]}}}},
    ],
)
def test_a_record_passes_when_every_member_finds_one_of_its_alternatives(pattern: Any) -> None:
    assert passes(pattern)


@pytest.mark.parametrize(
    "pattern",
    [
        {"eventName": ["REMOVE"]},
        {"eventName": []},
        {"eventName": ["INSERT"], "dynamodb": {"Keys": {"PK": {"S": [{"prefix": "USER#"}]}}}},
        {"dynamodb": {"OldImage": {"kind": {"S": [{"exists": True}]}}}},
        {"dynamodb": {"NewImage": {"count": {"N": [3]}}}},
        {"eventName": {"deeper": ["INSERT"]}},
        {"missing": [None]},
    ],
)
def test_any_other_record_does_not(pattern: Any) -> None:
    assert not passes(pattern)


@pytest.mark.parametrize("text", ['{"a": "b"}', '{"a": [{"anything-but": "b"}]}', '{"a": [["b"]]}', "[]", "{"])
def test_a_pattern_that_cannot_be_followed_is_refused(text: str) -> None:
    with pytest.raises(UnknownRule):
        Pattern.parse(text)
