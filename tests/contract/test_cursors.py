"""A cursor goes on with the list that it was given out for, and nothing else does; growing lists are read in full."""

from datetime import UTC, datetime

import pytest

from common.table import Table
from tests.contract.stack import operations
from tests.harness.cursors import forge, lists, read_while_growing
from tests.harness.described import queries_of
from tests.harness.world import World


@pytest.mark.engines("dynoxide")
def test_no_cursor_is_taken_that_was_not_given_out_for_this_list(store: Table) -> None:
    world = World.build(store)

    findings = forge(world, 600, seed=datetime.now(UTC).toordinal())

    assert findings.wrong == []
    assert findings.looked_at >= 600


@pytest.mark.engines("dynoxide")
def test_a_list_that_grows_while_it_is_read_repeats_nothing_and_leaves_nothing_out(store: Table) -> None:
    world = World.build(store)

    findings = read_while_growing(world)

    assert findings.wrong == []
    assert findings.looked_at == 8


@pytest.mark.engines("dynoxide")
def test_every_list_that_is_paged_is_among_them(store: Table) -> None:
    paged = {str(each) for each in operations() if "cursor" in queries_of(str(each))}

    filled = lists(World.build(store))

    assert {f"GET {each.path}" for each in filled} == paged
