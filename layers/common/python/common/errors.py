"""Every way in which a request can fail: RFC 9457 problems, each with a stable `code`.

A domain states its own failures as subclasses beside its rules; `Api` turns them into answers.
"""

from typing import Any, ClassVar


class Problem(Exception):
    """A failure that the caller is told about. `detail` is shown to people: it never carries stored data."""

    status: ClassVar[int] = 500
    code: ClassVar[str] = "internal_error"
    title: ClassVar[str] = "Something went wrong on our side"
    headers: ClassVar[dict[str, str]] = {}

    def __init__(self, detail: str | None = None, *, retry_after: int | None = None, **members: Any) -> None:
        super().__init__(detail or self.title)
        self.detail = detail
        self.members = members
        self.all_headers = self.headers | ({} if retry_after is None else {"Retry-After": str(retry_after)})

    def as_dict(self) -> dict[str, Any]:
        """Return the members of the problem+json document."""
        document = {
            "type": f"urn:pawtime:problem:{self.code}",
            "title": self.title,
            "status": self.status,
            "code": self.code,
        }
        if self.detail:
            document["detail"] = self.detail
        return document | self.members


class Unavailable(Problem):
    """A failure that may pass: the caller may send the same request again."""

    status = 503
    code = "unavailable"
    title = "Pawtime cannot do this right now; please try again"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "2"}


class InternalError(Problem):
    """A defect of ours. Sending the request again is safe, since every write is whole or absent."""

    headers: ClassVar[dict[str, str]] = {"Retry-After": "5"}


class SwitchedOff(Unavailable):
    code = "switched_off"
    title = "This part of Pawtime is switched off for now"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "300"}


class Malformed(Problem):
    status = 400
    code = "malformed_request"
    title = "The request cannot be read"


class InvalidCursor(Malformed):
    code = "invalid_cursor"
    title = "The cursor is not one that Pawtime gave out for this list"


class IdempotencyKeyMissing(Malformed):
    code = "idempotency_key_missing"
    title = "This request needs an Idempotency-Key header, so that it can be repeated safely"


class Unauthenticated(Problem):
    status = 401
    code = "unauthenticated"
    title = "Please sign in"
    headers: ClassVar[dict[str, str]] = {"WWW-Authenticate": 'Bearer realm="pawtime"'}


class Forbidden(Problem):
    status = 403
    code = "forbidden"
    title = "Your account may not do this"


class ChildNotAllowed(Forbidden):
    code = "child_not_allowed"
    title = "A child's account may not do this"


class NotFound(Problem):
    status = 404
    code = "not_found"
    title = "There is nothing here"


class MethodNotAllowed(Problem):
    status = 405
    code = "method_not_allowed"
    title = "This address does not take that method"


class Conflict(Problem):
    status = 409
    code = "conflict"
    title = "The state of things does not allow this"


class TooLarge(Problem):
    status = 413
    code = "too_large"
    title = "The request is larger than 64 KB"


class NotJson(Problem):
    status = 415
    code = "not_json"
    title = "The body must be JSON, sent as application/json"


class Invalid(Problem):
    """The request is well formed but not acceptable: `errors` lists {pointer, type, detail}."""

    status = 422
    code = "invalid"
    title = "Some of the values are not acceptable"


class IdempotencyKeyReused(Invalid):
    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for a different request"


class TooMany(Problem):
    status = 429
    code = "too_many_requests"
    title = "Too many requests; please wait a little"
    headers: ClassVar[dict[str, str]] = {"Retry-After": "60"}


def invalid_field(pointer: str, detail: str, kind: str = "value_error") -> Invalid:
    """Return the 422 problem for one value, found at JSON `pointer`."""
    return Invalid(errors=[{"pointer": pointer, "type": kind, "detail": detail}])
