"""How a stand-in refuses a request."""


class Refusal(Exception):
    """A refusal in the words of the AWS service that is stood in for: `code` is the exception's name there."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
