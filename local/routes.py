"""Which function answers a request: the choice that an HTTP API makes."""

from collections.abc import Iterable

from local.stack import Endpoint


class Router:
    """Finds the endpoint of a request: a literal segment beats a variable, a named method beats ANY."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._endpoints = sorted(endpoints, key=lambda endpoint: endpoint.specificity)

    def match(self, method: str, path: str) -> Endpoint | None:
        """Return the endpoint that takes this method and path (as it stands in the URL), or None."""
        return next((each for each in self._endpoints if each.parameters(method, path) is not None), None)
