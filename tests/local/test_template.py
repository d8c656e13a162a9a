"""The template is read as the local stack needs it, and refused where it asks for more."""

from pathlib import Path

import pytest
from samtranslator.yaml_helper import yaml_parse

from local.intrinsics import TemplateError
from local.stack import Notification
from local.template import load
from tests.contract.stack import translate
from tests.local.stacks import TEMPLATE, read

STREAM = """
      Events:
        Changes:
          Type: DynamoDB
          Properties: {Stream: !GetAtt Table.StreamArn, StartingPosition: TRIM_HORIZON, BatchSize: 7}
"""


BUCKET = """
  Bucket:
    Type: AWS::S3::Bucket
    Properties:
      NotificationConfiguration:
        QueueConfigurations:
          - Event: s3:ObjectCreated:*
            Filter: {S3Key: {Rules: [{Name: prefix, Value: uploads/}]}}
            Queue: !GetAtt Queue.Arn
"""


def with_bucket(old: str, new: str) -> str:
    assert old in BUCKET
    return TEMPLATE + BUCKET.replace(old, new)


def changed(old: str, new: str) -> str:
    assert old in TEMPLATE
    return TEMPLATE.replace(old, new)


def with_events(events: str) -> str:
    return TEMPLATE[: TEMPLATE.index("      Events:")] + events.lstrip("\n")


def scheduled(properties: str) -> str:
    return with_events(f"      Events:\n        Nightly: {{Type: Schedule, Properties: {{{properties}}}}}\n")


def with_property(line: str) -> str:
    return changed("      Handler:", f"      {line}\n      Handler:")


def refusal(folder: Path, text: str) -> str:
    with pytest.raises(TemplateError) as refused:
        read(folder, text)
    message = str(refused.value)
    assert "\n" not in message
    return message


def test_the_projects_own_template_is_understood() -> None:
    stack = load()

    assert {"/api/health", "/api/pets/{pet_id}"} <= {endpoint.path for endpoint in stack.endpoints}
    assert callable(next(iter(stack.endpoints)).handler())
    assert [source.name for source in stack.streams] == ["FanOutFunction.Outbox"]
    assert [(source.name, source.queue) for source in stack.queue_sources] == [
        ("MailFunction.Queue", "MailQueue"),
        ("ErasureFunction.Queue", "ErasureQueue"),
        ("CallOffFunction.Queue", "AppointmentsQueue"),
        ("DensityFunction.Queue", "DensityQueue"),
        ("WatchTellerFunction.Queue", "WatchesQueue"),
        ("PictureFunction.Uploads", "PictureQueue"),
        ("DrawnPictureFunction.Drawn", "DrawnPictureQueue"),
    ]
    assert stack.queues["MailQueue"].dead_letters == "MailDeadLetters"
    assert {function.name for function in stack.consumers()} == {
        "CallOffFunction",
        "DensityFunction",
        "DrawnPictureFunction",
        "DueFunction",
        "EndSessionsFunction",
        "EraseAccountsFunction",
        "ErasureFunction",
        "FanOutFunction",
        "GrantRoleFunction",
        "KeyRotationFunction",
        "MailFunction",
        "PictureFunction",
        "WatchTellerFunction",
    }
    assert [(each.name, each.period_seconds) for each in stack.schedules] == [("DueFunction.Every5Minutes", 300)]
    assert [(each.function.name, each.secret) for each in stack.rotations] == [("KeyRotationFunction", "SigningSecret")]
    assert stack.buckets["MediaBucket"].notifications == [
        Notification("uploads/", "PictureQueue"),
        Notification("drawn/", "DrawnPictureQueue"),
    ]
    assert stack.origins({"PublicUrl": "http://localhost:3001"}) == ["http://localhost:3001"]


def test_a_function_has_its_route_handler_and_limits(tmp_path: Path) -> None:
    stack = read(tmp_path, with_property("Timeout: 9"))

    [endpoint] = stack.endpoints

    assert endpoint.route_key == "ANY /api/pets"
    assert endpoint.function.handler_path == "pets.endpoints.pets.handler"
    assert (endpoint.function.timeout, endpoint.function.memory) == (9, 128)


def test_variables_come_from_parameters_and_resources(tmp_path: Path) -> None:
    stack = read(tmp_path)

    environment = stack.environment({"Endpoint": "http://127.0.0.1:1"})

    assert environment == {"STAGE": "dev", "TABLE_NAME": "pawtime", "ENDPOINT": "http://127.0.0.1:1"}


def test_sub_puts_values_into_a_text_and_leaves_escaped_ones(tmp_path: Path) -> None:
    stack = read(tmp_path, changed("STAGE: !Ref Stage", 'STAGE: !Sub "${Stage} ${!Stage} ${PetsFunction.Arn}"'))

    environment = stack.environment({})

    assert environment["STAGE"] == "dev ${Stage} arn:aws:lambda:eu-west-1:000000000000:function:PetsFunction"


def test_the_table_is_created_as_described(tmp_path: Path) -> None:
    table = read(tmp_path).table

    request = table.create_request("pawtime-1")

    assert request["TableName"] == "pawtime-1"
    assert request["StreamSpecification"] == {"StreamEnabled": True, "StreamViewType": "NEW_AND_OLD_IMAGES"}
    assert "TimeToLiveSpecification" not in request
    assert table.time_to_live_request("pawtime-1") == {
        "TableName": "pawtime-1",
        "TimeToLiveSpecification": {"AttributeName": "ttl", "Enabled": True},
    }


def test_a_stream_subscription_has_lambdas_defaults(tmp_path: Path) -> None:
    [source] = read(tmp_path, with_events(STREAM)).streams

    assert (source.name, source.batch_size) == ("PetsFunction.Changes", 7)
    assert (source.attempts, source.bisect, source.partial_failures) == (None, False, False)
    assert source.wants({"eventName": "REMOVE"})


@pytest.mark.parametrize(
    ("rate", "seconds"),
    [
        ("rate(1 minute)", 60),
        ("rate(5 minutes)", 300),
        ("rate(1 hour)", 3600),
        ("rate(10 hours)", 36_000),
        ("rate(1 day)", 86_400),
        ("rate(7 days)", 604_800),
    ],
)
def test_a_schedule_has_the_period_of_its_rate(rate: str, seconds: int, tmp_path: Path) -> None:
    [source] = read(tmp_path, scheduled(f"Schedule: {rate}")).schedules

    assert (source.name, source.period_seconds, source.payload) == ("PetsFunction.Nightly", seconds, None)


@pytest.mark.parametrize("name", ["", ", Name: nightly"], ids=["made by SAM", "of the template"])
def test_a_schedule_is_the_rule_that_sam_makes_of_it(name: str, tmp_path: Path) -> None:
    text = scheduled(f"""Schedule: rate(1 day), Enabled: true, Input: '{{"a": 1}}'{name}""")
    rules = {
        logical_id: resource["Properties"]
        for logical_id, resource in translate(yaml_parse(text)).items()
        if resource["Type"] == "AWS::Events::Rule"
    }

    [source] = read(tmp_path, text).schedules

    [(logical_id, rule)] = rules.items()
    [target] = rule["Targets"]
    assert source.rule == rule.get("Name", logical_id)
    assert (rule["ScheduleExpression"], source.period_seconds) == ("rate(1 day)", 86_400)
    assert source.payload == target["Input"]
    assert (source.function.name, rule["State"]) == (target["Arn"]["Fn::GetAtt"][0], "ENABLED")


def test_a_schedule_that_is_switched_off_calls_nobody(tmp_path: Path) -> None:
    stack = read(tmp_path, scheduled("Schedule: rate(1 day), Enabled: false"))

    assert stack.schedules == []


def test_a_scheduled_function_answers_no_route(tmp_path: Path) -> None:
    stack = read(tmp_path, scheduled("Schedule: rate(1 day)"))

    assert [function.name for function in stack.consumers()] == ["PetsFunction"]


def test_what_only_matters_in_aws_of_a_schedule_is_passed_over(tmp_path: Path) -> None:
    only_in_aws = "Description: Nightly, RetryPolicy: {MaximumRetryAttempts: 2}, DeadLetterConfig: {Type: SQS}"

    [source] = read(tmp_path, scheduled(f"Schedule: rate(1 day), {only_in_aws}")).schedules

    assert source.rule == "PetsFunctionNightly"


@pytest.mark.parametrize(
    "schedule",
    [
        "cron(0 3 * * ? *)",
        "rate(0 minutes)",
        "rate(-5 minutes)",
        "rate(1.5 hours)",
        "rate(1 minutes)",
        "rate(5 minute)",
        "rate(30 seconds)",
        "rate(11 weeks)",
        "rate(minute)",
        "rate(five minutes)",
        "every day",
        "rate(1 day) ",
        "7",
    ],
)
def test_a_schedule_of_any_other_kind_is_refused(schedule: str, tmp_path: Path) -> None:
    sentence = refusal(tmp_path, scheduled(f'Schedule: "{schedule}"'))

    like = "rate(1 minute) or rate(5 minutes)"
    assert sentence == f"PetsFunction.Nightly: Schedule must be like {like}, and is {schedule}"


def test_broken_yaml_is_told_with_its_line(tmp_path: Path) -> None:
    assert refusal(tmp_path, "Resources:\n  A: [1, 2\n  B: 3\n").startswith("template.yaml line 3: ")


def test_a_name_that_appears_twice_is_told_with_its_line(tmp_path: Path) -> None:
    text = "Resources:\n  Table: {Type: A}\n  Table: {Type: B}\n"

    assert refusal(tmp_path, text) == "template.yaml line 3: Table stands here twice"


def test_an_unknown_tag_is_told_with_its_line(tmp_path: Path) -> None:
    text = changed("!Ref Stage", "!Reff Stage")

    assert refusal(tmp_path, text).endswith(": !Reff is no CloudFormation function")


def test_a_missing_template_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(TemplateError, match=r"nowhere.yaml cannot be read: No such file"):
        load(tmp_path / "nowhere.yaml")


ROTATION = f"""{TEMPLATE}  Secret: {{Type: AWS::SecretsManager::Secret}}
  Rotation:
    Type: AWS::SecretsManager::RotationSchedule
    Properties: {{SecretId: !Ref Secret, RotationLambdaARN: !GetAtt PetsFunction.Arn}}
"""

REFUSED = {
    "a rotation of what is no secret": (
        ROTATION.replace("!Ref Secret", "!Ref Queue"),
        "Rotation: SecretId must refer to a secret",
    ),
    "a rotation by what is no function": (
        ROTATION.replace("PetsFunction.Arn", "Queue.Arn"),
        "Rotation: RotationLambdaARN must be the Arn of a function",
    ),
    "a rotation by a function of AWS's": (
        ROTATION.replace("RotationLambdaARN: !GetAtt PetsFunction.Arn", "HostedRotationLambda: {RotationType: A}"),
        "Rotation: the local stack does not know HostedRotationLambda",
    ),
    "an event of an unknown type": (
        with_events("      Events:\n        Nightly: {Type: ScheduleV2, Properties: {}}\n"),
        "PetsFunction.Nightly: the local stack does not know events of type ScheduleV2",
    ),
    "a schedule that does not say when": (
        scheduled(""),
        "PetsFunction.Nightly: Schedule must be like rate(1 minute) or rate(5 minutes), and is None",
    ),
    "an unknown property of a schedule": (
        scheduled("Schedule: rate(1 day), State: DISABLED"),
        "PetsFunction.Nightly: the local stack does not know State",
    ),
    "a schedule that is neither on nor off": (
        scheduled("Schedule: rate(1 day), Enabled: !Ref Stage"),
        "PetsFunction.Nightly: Enabled must be true or false",
    ),
    "a schedule that tells what is no JSON": (
        scheduled("Schedule: rate(1 day), Input: hello"),
        "PetsFunction.Nightly: Input must be the text of a JSON document",
    ),
    "a schedule that tells what is no text": (
        scheduled("Schedule: rate(1 day), Input: {a: 1}"),
        "PetsFunction.Nightly: Input must be the text of a JSON document",
    ),
    "an unknown property of an event": (
        changed("Method: ANY", "Method: ANY, Auth: {Authorizer: Own}"),
        "PetsFunction.Any: the local stack does not know Auth",
    ),
    "a property that would change what a function does": (
        with_property("FunctionUrlConfig: {AuthType: NONE}"),
        "PetsFunction: the local stack does not know FunctionUrlConfig",
    ),
    "code elsewhere": (
        with_property("CodeUri: functions/pets/"),
        "PetsFunction: CodeUri must be functions/, where all functions are",
    ),
    "another language": (with_property("Runtime: nodejs22.x"), "PetsFunction: the local stack runs Python only"),
    "a handler without module": (
        changed("Handler: pets.endpoints.pets.handler", "Handler: handler"),
        "PetsFunction: Handler must name a module and a function in it",
    ),
    "a time limit that is no number": (with_property("Timeout: soon"), "PetsFunction: Timeout must be a whole number"),
    "an intrinsic function that is not worked out": (
        changed("STAGE: !Ref Stage", "STAGE: !If [Live, a, b]"),
        "the variable STAGE: the local stack cannot work out Fn::If here",
    ),
    "a reference to nothing": (
        changed("!Ref Table", "!Ref Tabel"),
        "the variable TABLE_NAME: nothing in the template is called Tabel",
    ),
    "a reference to what has no stand-in": (
        changed("!Ref Table", "!Ref HttpApi"),
        "the variable TABLE_NAME: the local stack has nothing in place of HttpApi (AWS::Serverless::HttpApi)",
    ),
    "an attribute that has no stand-in": (
        changed("!Ref Table", "!GetAtt Queue.Arn"),
        "the variable TABLE_NAME: the local stack has nothing in place of Queue.Arn (AWS::SQS::Queue)",
    ),
    "functions that disagree about a variable": (
        with_property("Environment: {Variables: {STAGE: other}}"),
        "PetsFunction: another function gives STAGE a different value",
    ),
    "a nested stack": (
        f"{TEMPLATE}  Nested: {{Type: AWS::Serverless::Application}}\n",
        "Nested: the local stack does not know AWS::Serverless::Application",
    ),
    "a rule that calls a function": (
        f"{TEMPLATE}  Nightly: {{Type: AWS::Events::Rule}}\n",
        "Nightly: the local stack does not know AWS::Events::Rule",
    ),
    "a second table": (
        f"{TEMPLATE}  Other: {{Type: AWS::DynamoDB::Table}}\n",
        "The local stack knows one table, and the template has 2",
    ),
    "an authorizer of the whole API": (
        changed("AWS::Serverless::HttpApi", "AWS::Serverless::HttpApi\n    Properties: {Auth: {DefaultAuthorizer: A}}"),
        "HttpApi: the local stack does not know Auth",
    ),
    "settings of all APIs": (
        changed("Globals:", "Globals:\n  HttpApi: {CorsConfiguration: true}"),
        "Globals: the local stack does not know HttpApi",
    ),
    "a function under a condition": (
        changed("  PetsFunction:", "  PetsFunction:\n    Condition: Live"),
        "PetsFunction: the local stack does not know whether its Condition holds",
    ),
    "a variable that is only part of a segment": (
        changed("/api/pets,", '"/api/{token}.ics",'),
        "PetsFunction.Any: a variable must be a whole segment, and {token}.ics is not",
    ),
    "a greedy variable": (
        changed("/api/pets,", '"/api/{rest+}",'),
        "PetsFunction.Any: the local stack does not know greedy variables such as {rest+}",
    ),
    "a stream of something else": (
        with_events(STREAM.replace("Table.StreamArn", "Queue.Arn")),
        "PetsFunction.Changes: Stream must be the StreamArn of the table",
    ),
    "a bucket that is served as a site": (
        with_bucket("Properties:", "Properties:\n      WebsiteConfiguration: {IndexDocument: index.html}"),
        "Bucket: the local stack does not know WebsiteConfiguration",
    ),
    "a bucket that tells of what is deleted": (
        with_bucket("ObjectCreated", "ObjectRemoved"),
        "Bucket: the local stack tells queues of new objects with a prefix, and nothing else",
    ),
    "a bucket that tells of a suffix": (
        with_bucket("Name: prefix", "Name: suffix"),
        "Bucket: the local stack tells queues of new objects with a prefix, and nothing else",
    ),
    "a bucket that calls a function": (
        with_bucket("QueueConfigurations:", "LambdaConfigurations: []\n        QueueConfigurations:"),
        "Bucket: NotificationConfiguration: the local stack does not know LambdaConfigurations",
    ),
    "a bucket that tells no queue": (
        with_bucket("Queue.Arn", "Table.Arn"),
        "Bucket: Queue must be the Arn of a queue",
    ),
    "a bucket that other pages may read": (
        with_bucket(
            "Properties:",
            "Properties:\n      CorsConfiguration: {CorsRules: [{AllowedMethods: [GET], AllowedOrigins: [a]}]}",
        ),
        "Bucket: the local stack takes nothing but POST from the pages of other origins",
    ),
    "a filter rule that is not followed": (
        with_events(
            STREAM.replace(
                "BatchSize: 7",
                """BatchSize: 7, FilterCriteria: {Filters: [{Pattern: '{"a": [{"numeric": [">", 1]}]}'}]}""",
            )
        ),
        'PetsFunction.Changes: the local stack does not know the rule {"numeric": [">", 1]}',
    ),
}


@pytest.mark.parametrize(("text", "sentence"), REFUSED.values(), ids=REFUSED)
def test_what_would_be_ignored_is_refused(text: str, sentence: str, tmp_path: Path) -> None:
    assert refusal(tmp_path, text) == sentence
