"""Stands in for AWS Secrets Manager: each secret is a file that only this user may read."""

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.files import write_file
from local.refusal import Refusal

SECRET_ID = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")


class Vault:
    """The secrets of this data folder. Its two methods take and return what boto3's client does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def get_secret_value(self, *, SecretId: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        """Return a secret."""
        try:
            text = self._file(SecretId).read_text(encoding="utf-8")
        except FileNotFoundError as error:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.") from error
        return {"ARN": SecretId, "Name": SecretId, "SecretString": text}

    def put_secret_value(self, *, SecretId: str, SecretString: str) -> dict[str, Any]:  # noqa: N803
        """Keep a secret in place of what was there."""
        with self._lock:
            write_file(self._file(SecretId), SecretString)
        return {"ARN": SecretId, "Name": SecretId}

    def call(self, operation: str, body: bytes) -> dict[str, Any]:
        """Answer a request of the JSON protocol; raise Refusal where Secrets Manager would refuse it."""
        if operation not in OPERATIONS:
            raise Refusal("UnknownOperationException", f"The local stack does not know {operation}")
        try:
            request = {name: value for name, value in json.loads(body).items() if name != "ClientRequestToken"}
            answer: dict[str, Any] = OPERATIONS[operation](self, **request)
        except (TypeError, ValueError, AttributeError) as error:
            raise Refusal("InvalidParameterException", "The request does not fit the operation") from error
        return answer

    def _file(self, secret_id: str) -> Path:
        if not SECRET_ID.fullmatch(secret_id):
            raise Refusal("InvalidParameterException", "The name of a secret has characters that none may have")
        # A name may contain slashes and dots: as part of a file name they lead nowhere.
        return self._folder / f"{secret_id.replace('/', '%2F')}.secret"


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "GetSecretValue": Vault.get_secret_value,
    "PutSecretValue": Vault.put_secret_value,
}
