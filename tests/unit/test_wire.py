"""What is sent directly is signed as the SDK signs it."""

from datetime import UTC, datetime

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from common.wire import signed

TARGET = {"X-Amz-Target": "DynamoDB_20120810.Query"}


@pytest.mark.parametrize("token", [None, "a session's token"])
@pytest.mark.parametrize("url", ["https://dynamodb.eu-west-1.amazonaws.com/", "http://127.0.0.1:8000/"])
def test_a_signature_is_that_of_the_sdk(url: str, token: str | None) -> None:
    credentials = Credentials("AKIDEXAMPLE", "a secret", token)
    request = AWSRequest("POST", url, headers=TARGET, data=b'{"TableName": "pawtime"}')
    SigV4Auth(credentials, "dynamodb", "eu-west-1").add_auth(request)
    now = datetime.strptime(request.context["timestamp"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)

    headers = signed({"url": url, "headers": TARGET, "body": request.body}, credentials, "eu-west-1", now)

    assert headers["authorization"] == request.headers["Authorization"]
    assert headers.get("x-amz-security-token") == token
