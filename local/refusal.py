"""How a stand-in refuses a request."""

from botocore.exceptions import ClientError


class Refusal(ClientError):  # type: ignore[misc]  # botocore has no types
    """A refusal in the words of the AWS service that is stood in for: `code` is the exception's name there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__({"Error": {"Code": code, "Message": message}}, "Request")
        self.code = code
        self.message = message
