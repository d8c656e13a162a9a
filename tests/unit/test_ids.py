"""Ids and secrets are random, and long enough that nobody guesses one."""

from base64 import b32decode, urlsafe_b64decode

from common import ids

MANY = 1_000


def test_an_id_has_128_bits_and_none_comes_twice() -> None:
    made = {ids.new_id() for _ in range(MANY)}

    assert len(made) == MANY
    assert all(ids.FORM.fullmatch(each) for each in made)
    assert {len(b32decode(each.upper() + "======")) * 8 for each in made} == {128}


def test_a_secret_has_256_bits_and_none_comes_twice() -> None:
    made = {ids.new_secret() for _ in range(MANY)}

    assert len(made) == MANY
    assert {len(urlsafe_b64decode(each + "=")) * 8 for each in made} == {256}
