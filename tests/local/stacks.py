"""Small stacks for tests: a template of one function, and routes to functions."""

from pathlib import Path

from local.buckets import Buckets
from local.mailbox import Mailbox
from local.queues import Queues
from local.s3 import S3
from local.services import StandIns
from local.stack import BucketDefinition, Endpoint, Function, Notification, QueueDefinition, Stack
from local.template import load
from local.vault import Vault

SECRET_KEY = "secret"
PAGE = "http://localhost:3000"
TEMPLATE = """
Parameters:
  Stage: {Type: String, Default: dev}
  Endpoint: {Type: String, Default: ""}
Globals:
  Function:
    Runtime: python3.13
    CodeUri: functions/
    Environment:
      Variables: {STAGE: !Ref Stage, TABLE_NAME: !Ref Table, ENDPOINT: !Ref Endpoint}
Resources:
  Table:
    Type: AWS::DynamoDB::Table
    Properties:
      BillingMode: PAY_PER_REQUEST
      AttributeDefinitions:
        - {AttributeName: PK, AttributeType: S}
        - {AttributeName: SK, AttributeType: S}
      KeySchema:
        - {AttributeName: PK, KeyType: HASH}
        - {AttributeName: SK, KeyType: RANGE}
      TimeToLiveSpecification: {AttributeName: ttl, Enabled: true}
      StreamSpecification: {StreamViewType: NEW_AND_OLD_IMAGES}
  Queue:
    Type: AWS::SQS::Queue
  HttpApi:
    Type: AWS::Serverless::HttpApi
  PetsFunction:
    Type: AWS::Serverless::Function
    Properties:
      Handler: pets.endpoints.pets.handler
      Events:
        Any: {Type: HttpApi, Properties: {ApiId: !Ref HttpApi, Path: /api/pets, Method: ANY}}
"""


def read(folder: Path, text: str = TEMPLATE) -> Stack:
    """Load a template made of `text`."""
    file = folder / "template.yaml"
    file.write_text(text)
    return load(file)


def stand_ins(folder: Path) -> StandIns:
    """What keeps mail, secrets, two queues and a bucket under `folder`."""
    queues = Queues(folder / "queues.db", {"MailQueue": QueueDefinition(30), "PictureQueue": QueueDefinition(30)})
    bucket = BucketDefinition(notifications=[Notification("uploads/", "PictureQueue")])
    s3 = S3(Buckets(folder / "buckets.db", {"MediaBucket": bucket}, queues), SECRET_KEY, [PAGE])
    return StandIns(Mailbox(folder / "mail"), Vault(folder / "secrets"), queues, s3)


def function(handler: str, timeout: int = 5) -> Function:
    """A function whose handler is in tests/local/handlers.py."""
    return Function(handler.title().replace("_", "") + "Function", f"tests.local.handlers.{handler}", timeout, 128)


def endpoint(path: str, method: str = "ANY", handler: str = "echo", timeout: int = 5) -> Endpoint:
    """A route to such a function."""
    return Endpoint(function(handler, timeout), method, path)
