"""Stands in for AWS Secrets Manager: each secret is a file, with its versions, that only this user may read."""

import json
import re
import secrets
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

from local.files import write_file
from local.refusal import Refusal

SECRET_ID = re.compile(r"[A-Za-z0-9/_+=.@-]{1,512}")
CURRENT = "AWSCURRENT"
PREVIOUS = "AWSPREVIOUS"

type Versions = dict[str, dict[str, Any]]


class Vault:
    """The secrets of this data folder. Its methods take and return what boto3's client does."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)

    def get_secret_value(
        self,
        *,
        SecretId: str,  # noqa: N803 (boto3's names)
        VersionId: str | None = None,  # noqa: N803
        VersionStage: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Return a version of a secret: the current one, unless its id or its staging label is given."""
        versions = self._read(SecretId)
        version_id = VersionId or _labelled(versions, VersionStage or CURRENT)
        if version_id not in versions:
            raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret.")
        version = versions[version_id]
        if VersionStage and VersionStage not in version["stages"]:
            raise Refusal("InvalidRequestException", f"This version does not have the staging label {VersionStage}.")
        return _described(SecretId, version_id, version) | {"SecretString": version["value"]}

    def put_secret_value(
        self,
        *,
        SecretId: str,  # noqa: N803
        SecretString: str,  # noqa: N803
        ClientRequestToken: str | None = None,  # noqa: N803
        VersionStages: list[str] | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Keep another version, which takes its staging labels from those that had them."""
        version_id = ClientRequestToken or secrets.token_hex(16)
        with self._lock:
            versions = self._read(SecretId)
            if known := versions.get(version_id):
                if known["value"] != SecretString:
                    raise Refusal("ResourceExistsException", "There is a version with this token and another value.")
                return _described(SecretId, version_id, known)
            stages = VersionStages or [CURRENT]
            # As there, the first version is the current one, whatever else it is to be.
            wanted = stages if versions else sorted({*stages, CURRENT})
            versions[version_id] = {"value": SecretString, "stages": []}
            for stage in wanted:
                _label(versions, stage, version_id)
            self._write(SecretId, versions)
        return _described(SecretId, version_id, versions[version_id])

    def update_secret_version_stage(
        self,
        *,
        SecretId: str,  # noqa: N803
        VersionStage: str,  # noqa: N803
        MoveToVersionId: str,  # noqa: N803
        RemoveFromVersionId: str | None = None,  # noqa: N803
    ) -> dict[str, Any]:
        """Move a staging label; who moves it must know where it is."""
        with self._lock:
            versions = self._read(SecretId)
            if MoveToVersionId not in versions:
                raise Refusal("ResourceNotFoundException", "Secrets Manager can't find the specified secret version.")
            if _labelled(versions, VersionStage) not in (RemoveFromVersionId, MoveToVersionId):
                raise Refusal("InvalidParameterException", f"The staging label {VersionStage} is on another version.")
            _label(versions, VersionStage, MoveToVersionId)
            self._write(SecretId, versions)
        return {"ARN": SecretId, "Name": SecretId}

    def call(self, operation: str, body: bytes) -> dict[str, Any]:
        """Answer a request of the JSON protocol; raise Refusal where Secrets Manager would refuse it."""
        if operation not in OPERATIONS:
            raise Refusal("UnknownOperationException", f"The local stack does not know {operation}")
        try:
            answer: dict[str, Any] = OPERATIONS[operation](self, **json.loads(body))
        except (TypeError, ValueError, AttributeError) as error:
            raise Refusal("InvalidParameterException", "The request does not fit the operation") from error
        return answer

    def _read(self, secret_id: str) -> Versions:
        try:
            versions: Versions = json.loads(self._file(secret_id).read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        return versions

    def _write(self, secret_id: str, versions: Versions) -> None:
        kept = {version_id: version for version_id, version in versions.items() if version["stages"]}
        write_file(self._file(secret_id), json.dumps(kept))

    def _file(self, secret_id: str) -> Path:
        if not SECRET_ID.fullmatch(secret_id):
            raise Refusal("InvalidParameterException", "The name of a secret has characters that none may have")
        # A name may contain slashes and dots: as part of a file name they lead nowhere.
        return self._folder / f"{secret_id.replace('/', '%2F')}.versions"


def _labelled(versions: Versions, stage: str) -> str | None:
    return next((version_id for version_id, version in versions.items() if stage in version["stages"]), None)


def _label(versions: Versions, stage: str, version_id: str) -> None:
    """Move a staging label. The version that was current until then is called the previous one."""
    before = _labelled(versions, stage)
    if before == version_id:
        return
    if before:
        versions[before]["stages"].remove(stage)
        if stage == CURRENT:
            _label(versions, PREVIOUS, before)
    versions[version_id]["stages"].append(stage)


def _described(secret_id: str, version_id: str, version: dict[str, Any]) -> dict[str, Any]:
    return {"ARN": secret_id, "Name": secret_id, "VersionId": version_id, "VersionStages": version["stages"]}


OPERATIONS: dict[str, Callable[..., dict[str, Any]]] = {
    "GetSecretValue": Vault.get_secret_value,
    "PutSecretValue": Vault.put_secret_value,
    "UpdateSecretVersionStage": Vault.update_secret_version_stage,
}
