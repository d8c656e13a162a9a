"""Every operation has a sample, and the sample is good: what is built on samples leaves no operation out."""

from common.table import Table
from tests.contract.stack import operations
from tests.harness.samples import SAMPLES, samples
from tests.harness.world import World


def test_every_operation_has_a_sample_and_every_sample_an_operation() -> None:
    declared = {str(each) for each in operations()}

    sampled = {name.partition(" : ")[0] for name in SAMPLES}

    assert sampled == declared


def test_every_sample_succeeds(store: Table) -> None:
    world = World.build(store)
    declared = {str(each): each.operation.status for each in operations()}

    for name, sample in samples(world):
        answer = sample.send(world.ann)
        if sample.operation == "POST /auth/logout":
            world.enter()

        assert answer.status == declared[sample.operation], f"{name}: {answer.text}"
