"""Reads template.yaml, and refuses whatever the local stack would have to ignore to run it.

What only matters in AWS (roles, alarms, aliases) is listed here as such; anything else that is unknown is an error,
so that `make run` never behaves otherwise than the deployed stack without saying so.
"""

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from local.cloudformation import read
from local.intrinsics import TemplateError, Values
from local.patterns import Pattern, UnknownRule
from local.stack import (
    BucketDefinition,
    Endpoint,
    Function,
    Notification,
    QueueDefinition,
    QueueSource,
    RotationSource,
    ScheduleSource,
    Stack,
    StreamSource,
    TableDefinition,
    is_variable,
    segments,
)

TEMPLATE = Path(__file__).parent.parent / "template.yaml"
CODE_URI = "functions/"
DEFAULT_TIMEOUT = 3
DEFAULT_MEMORY = 128
DEFAULT_BATCH = 100
DEFAULT_QUEUE_BATCH = 10
DEFAULT_VISIBILITY_SECONDS = 30

FUNCTION_PROPERTIES = "Handler Timeout MemorySize Environment Events CodeUri Runtime"
# Properties of a function that make no difference to what it answers.
FUNCTION_IN_AWS_ONLY = """
    Alarms Architectures AutoPublishAlias AutoPublishAliasAllProperties DeploymentPreference Description
    EphemeralStorage EventInvokeConfig FunctionName KmsKeyArn Layers LoggingConfig PermissionsBoundary Policies
    PropagateTags ProvisionedConcurrencyConfig ReservedConcurrentExecutions Role RolePath RuntimeManagementConfig
    SnapStart Tags Tracing VersionDescription
"""
HTTP_API_IN_AWS_ONLY = """
    AccessLogSettings DefaultRouteSettings Description DisableExecuteApiEndpoint FailOnWarnings Name RouteSettings
    StageName StageVariables Tags
"""
STREAM_PROPERTIES = """
    Stream StartingPosition BatchSize BisectBatchOnFunctionError MaximumRetryAttempts FunctionResponseTypes
    FilterCriteria
"""
# How fast a stream is read, and where it reports what it could not deliver, is different here.
STREAM_IN_AWS_ONLY = "DestinationConfig MaximumBatchingWindowInSeconds MaximumRecordAgeInSeconds ParallelizationFactor"
QUEUE_PROPERTIES = "VisibilityTimeout RedrivePolicy"
QUEUE_IN_AWS_ONLY = "KmsMasterKeyId MessageRetentionPeriod QueueName SqsManagedSseEnabled Tags"
QUEUE_SOURCE_PROPERTIES = "Queue BatchSize FunctionResponseTypes"
QUEUE_SOURCE_IN_AWS_ONLY = "MaximumBatchingWindowInSeconds ScalingConfig"
SCHEDULE_PROPERTIES = "Enabled Input Name Schedule"
# Here a call that failed is not made again: the next one comes within seconds.
SCHEDULE_IN_AWS_ONLY = "DeadLetterConfig Description RetryPolicy"
RATE = re.compile(r"rate\(([1-9][0-9]*) (minute|hour|day)(s?)\)")
UNIT_SECONDS = {"minute": 60, "hour": 3600, "day": 86400}
ROTATION_PROPERTIES = "SecretId RotationLambdaARN"
# Here keys are made at the start, and rotated when somebody says so.
ROTATION_IN_AWS_ONLY = "RotateImmediatelyOnUpdate RotationRules"
BUCKET_PROPERTIES = "CorsConfiguration NotificationConfiguration"
BUCKET_IN_AWS_ONLY = "BucketEncryption LifecycleConfiguration OwnershipControls PublicAccessBlockConfiguration Tags"
CORS_IN_AWS_ONLY = "Id MaxAge"
# Resources that call functions, or make more of the stack, by ways that are not followed here.
REFUSED_RESOURCES = (
    "AWS::ApiGateway",
    "AWS::CloudFormation::Stack",
    "AWS::Events::",
    "AWS::Lambda::EventSourceMapping",
    "AWS::Lambda::Function",
    "AWS::Pipes::",
    "AWS::Scheduler::",
    "AWS::SecretsManager::RotationSchedule",
    "AWS::Serverless::",
    "AWS::StepFunctions::",
)
UNDERSTOOD_RESOURCES = frozenset(
    {
        "AWS::SecretsManager::RotationSchedule",
        "AWS::Serverless::Function",
        "AWS::Serverless::HttpApi",
        "AWS::Serverless::LayerVersion",
    }
)


def load(path: Path = TEMPLATE) -> Stack:
    """Return what the template describes; raise TemplateError where some of it would not run here."""
    document = read(path)
    resources: dict[str, Any] = document["Resources"]
    for name, resource in resources.items():
        if not isinstance(resource, dict) or not isinstance(resource.get("Type"), str):
            raise TemplateError(f"{name} has no Type")
    types = {name: resource["Type"] for name, resource in resources.items()}
    defaults = {name: parameter.get("Default", "") for name, parameter in document.get("Parameters", {}).items()}
    reader = _Reader(Values(defaults, types), document.get("Globals", {}))
    for name, resource in resources.items():
        reader.add(name, resource)
    return reader.stack()


class _Reader:
    """Collects what runs here, resource by resource."""

    def __init__(self, values: Values, global_settings: Mapping[str, Any]) -> None:
        _only(global_settings, "Function", "Globals")
        self._values = values
        self._globals: dict[str, Any] = global_settings.get("Function", {})
        self._functions: dict[str, Function] = {}
        self._endpoints: list[Endpoint] = []
        self._streams: list[StreamSource] = []
        self._queues: dict[str, QueueDefinition] = {}
        self._queue_sources: list[QueueSource] = []
        self._schedules: list[ScheduleSource] = []
        self._rotations: dict[str, tuple[str, str]] = {}
        self._buckets: dict[str, BucketDefinition] = {}
        self._tables: list[TableDefinition] = []
        self._variables: dict[str, Any] = {}

    def add(self, name: str, resource: Mapping[str, Any]) -> None:
        kind, properties = resource["Type"], resource.get("Properties", {})
        if kind.startswith(REFUSED_RESOURCES) and kind not in UNDERSTOOD_RESOURCES:
            raise TemplateError(f"{name}: the local stack does not know {kind}")
        if kind == "AWS::Serverless::HttpApi":
            _only(properties, HTTP_API_IN_AWS_ONLY, name)
            if properties.get("StageName", "$default") != "$default":
                raise TemplateError(f"{name}: a stage other than $default would be part of every path")
        elif kind == "AWS::Serverless::Function":
            if "Condition" in resource:
                raise TemplateError(f"{name}: the local stack does not know whether its Condition holds")
            self._add_function(name, {**self._globals, **properties})
        elif kind == "AWS::DynamoDB::Table":
            resolved = self._values.resolve(properties, name, {})
            self._tables.append(TableDefinition(name, resolved))
        elif kind == "AWS::SQS::Queue":
            self._add_queue(name, properties)
        elif kind == "AWS::SecretsManager::RotationSchedule":
            self._add_rotation(name, properties)
        elif kind == "AWS::S3::Bucket":
            self._add_bucket(name, properties)

    def stack(self) -> Stack:
        if len(self._tables) != 1:
            raise TemplateError(f"The local stack knows one table, and the template has {len(self._tables)}")
        stack = Stack(
            self._functions,
            self._endpoints,
            self._streams,
            self._queues,
            self._queue_sources,
            self._buckets,
            self._tables[0],
            self._values,
            self._variables,
            [
                RotationSource(self._functions[function], name, secret)
                for name, (function, secret) in self._rotations.items()
            ],
            self._schedules,
        )
        stack.environment({})
        return stack

    def _add_function(self, name: str, properties: Mapping[str, Any]) -> None:
        _only(properties, f"{FUNCTION_PROPERTIES} {FUNCTION_IN_AWS_ONLY}", name)
        if properties.get("CodeUri") != CODE_URI:
            raise TemplateError(f"{name}: CodeUri must be {CODE_URI}, where all functions are")
        if not isinstance(properties.get("Runtime"), str) or not properties["Runtime"].startswith("python"):
            raise TemplateError(f"{name}: the local stack runs Python only")
        handler = properties.get("Handler")
        if not isinstance(handler, str) or "." not in handler:
            raise TemplateError(f"{name}: Handler must name a module and a function in it")
        timeout = _integer(properties.get("Timeout", DEFAULT_TIMEOUT), f"{name}: Timeout")
        memory = _integer(properties.get("MemorySize", DEFAULT_MEMORY), f"{name}: MemorySize")
        function = Function(name, handler, timeout, memory)
        self._functions[name] = function
        for variables in (self._globals.get("Environment"), properties.get("Environment")):
            self._add_variables(name, (variables or {}).get("Variables", {}))
        for event_name, event in properties.get("Events", {}).items():
            self._add_event(function, event_name, event)

    def _add_variables(self, name: str, variables: Mapping[str, Any]) -> None:
        """Take the variables of a function. All functions share this process, so they must agree on each value."""
        for variable, value in variables.items():
            if self._variables.setdefault(variable, value) != value:
                raise TemplateError(f"{name}: another function gives {variable} a different value")

    def _add_event(self, function: Function, name: str, event: Mapping[str, Any]) -> None:
        where, kind, properties = f"{function.name}.{name}", event.get("Type"), event.get("Properties", {})
        known: dict[Any, Callable[[Function, str, Mapping[str, Any]], None]] = {
            "HttpApi": self._add_endpoint,
            "DynamoDB": self._add_stream,
            "SQS": self._add_queue_source,
            "Schedule": self._add_schedule,
        }
        if kind not in known:
            raise TemplateError(f"{where}: the local stack does not know events of type {kind}")
        known[kind](function, where, properties)

    def _add_endpoint(self, function: Function, where: str, properties: Mapping[str, Any]) -> None:
        _only(properties, "ApiId Path Method", where)
        method, path = str(properties.get("Method", "")).upper(), properties.get("Path")
        if (
            not isinstance(path, str)
            or not path.startswith("/")
            or not method
            or method == "X-AMAZON-APIGATEWAY-ANY-METHOD"
        ):
            raise TemplateError(f"{where}: a route needs a Path that begins with / and a Method, for example ANY")
        for segment in segments(path):
            if ("{" in segment or "}" in segment) and not is_variable(segment):
                raise TemplateError(f"{where}: a variable must be a whole segment, and {segment} is not")
            if segment.endswith("+}"):
                raise TemplateError(f"{where}: the local stack does not know greedy variables such as {segment}")
        endpoint = Endpoint(function, method, path)
        if endpoint.route_key in {other.route_key for other in self._endpoints}:
            raise TemplateError(f"{where}: another function already answers {endpoint.route_key}")
        self._endpoints.append(endpoint)

    def _add_queue(self, name: str, properties: Mapping[str, Any]) -> None:
        _only(properties, f"{QUEUE_PROPERTIES} {QUEUE_IN_AWS_ONLY}", name)
        seconds = properties.get("VisibilityTimeout", DEFAULT_VISIBILITY_SECONDS)
        visibility = _integer(seconds, f"{name}: VisibilityTimeout")
        redrive = properties.get("RedrivePolicy")
        if redrive is None:
            self._queues[name] = QueueDefinition(visibility)
            return
        _only(redrive, "deadLetterTargetArn maxReceiveCount", f"{name}: RedrivePolicy")
        target = self._queue_of_arn(redrive.get("deadLetterTargetArn"), f"{name}: deadLetterTargetArn")
        most = _integer(redrive.get("maxReceiveCount"), f"{name}: maxReceiveCount")
        self._queues[name] = QueueDefinition(visibility, target, most)

    def _add_bucket(self, name: str, properties: Mapping[str, Any]) -> None:
        _only(properties, f"{BUCKET_PROPERTIES} {BUCKET_IN_AWS_ONLY}", name)
        origins: list[Any] = []
        for rule in properties.get("CorsConfiguration", {}).get("CorsRules", []):
            _only(rule, f"AllowedMethods AllowedOrigins {CORS_IN_AWS_ONLY}", f"{name}: CorsRules")
            if rule.get("AllowedMethods") != ["POST"]:
                raise TemplateError(f"{name}: the local stack takes nothing but POST from the pages of other origins")
            origins += rule["AllowedOrigins"]
        told = properties.get("NotificationConfiguration", {})
        _only(told, "QueueConfigurations", f"{name}: NotificationConfiguration")
        notifications = [self._notification(each, name) for each in told.get("QueueConfigurations", [])]
        self._buckets[name] = BucketDefinition(origins, notifications)

    def _notification(self, settings: Mapping[str, Any], name: str) -> Notification:
        _only(settings, "Event Filter Queue", f"{name}: QueueConfigurations")
        queue = self._queue_of_arn(settings.get("Queue"), f"{name}: Queue")
        match settings:
            case {
                "Event": "s3:ObjectCreated:*",
                "Filter": {"S3Key": {"Rules": [{"Name": "prefix", "Value": str(prefix)}]}},
            }:
                return Notification(prefix, queue)
            case _:
                raise TemplateError(
                    f"{name}: the local stack tells queues of new objects with a prefix, and nothing else"
                )

    def _queue_of_arn(self, value: Any, where: str) -> str:
        match value:
            case {"Fn::GetAtt": [str(queue), "Arn"]} if self._values.types.get(queue) == "AWS::SQS::Queue":
                return queue
            case _:
                raise TemplateError(f"{where} must be the Arn of a queue")

    def _add_queue_source(self, function: Function, where: str, properties: Mapping[str, Any]) -> None:
        _only(properties, f"{QUEUE_SOURCE_PROPERTIES} {QUEUE_SOURCE_IN_AWS_ONLY}", where)
        queue = self._queue_of_arn(properties.get("Queue"), f"{where}: Queue")
        batch_size = _integer(properties.get("BatchSize", DEFAULT_QUEUE_BATCH), f"{where}: BatchSize")
        self._queue_sources.append(
            QueueSource(function, where, queue, batch_size, _partial_failures(properties, where))
        )

    def _add_schedule(self, function: Function, where: str, properties: Mapping[str, Any]) -> None:
        """Take a schedule, unless it is switched off; what has no name is called as SAM calls it."""
        _only(properties, f"{SCHEDULE_PROPERTIES} {SCHEDULE_IN_AWS_ONLY}", where)
        period, payload = _period_seconds(properties.get("Schedule"), where), properties.get("Input")
        if payload is not None and not _is_json(payload):
            raise TemplateError(f"{where}: Input must be the text of a JSON document")
        enabled = properties.get("Enabled", True)
        if not isinstance(enabled, bool):
            raise TemplateError(f"{where}: Enabled must be true or false")
        rule = str(self._values.resolve(properties.get("Name", where.replace(".", "")), f"{where}: Name", {}))
        if enabled:
            self._schedules.append(ScheduleSource(function, where, rule, period, payload))

    def _add_rotation(self, name: str, properties: Mapping[str, Any]) -> None:
        """Take the function that rotates a secret; it may stand further down in the template."""
        _only(properties, f"{ROTATION_PROPERTIES} {ROTATION_IN_AWS_ONLY}", name)
        types = self._values.types
        match properties.get("SecretId"):
            case {"Ref": str(secret)} if types.get(secret) == "AWS::SecretsManager::Secret":
                pass
            case _:
                raise TemplateError(f"{name}: SecretId must refer to a secret")
        match properties.get("RotationLambdaARN"):
            case {"Fn::GetAtt": [str(function), "Arn"]} if types.get(function) == "AWS::Serverless::Function":
                self._rotations[name] = (function, secret)
            case _:
                raise TemplateError(f"{name}: RotationLambdaARN must be the Arn of a function")

    def _add_stream(self, function: Function, where: str, properties: Mapping[str, Any]) -> None:
        _only(properties, f"{STREAM_PROPERTIES} {STREAM_IN_AWS_ONLY}", where)
        match properties.get("Stream"):
            case {"Fn::GetAtt": [str(table), "StreamArn"]} if self._values.types.get(table) == "AWS::DynamoDB::Table":
                pass
            case _:
                raise TemplateError(f"{where}: Stream must be the StreamArn of the table")
        position = properties.get("StartingPosition")
        if position not in ("TRIM_HORIZON", "LATEST"):
            raise TemplateError(f"{where}: StartingPosition must be TRIM_HORIZON or LATEST")
        attempts = _integer(properties.get("MaximumRetryAttempts", -1), f"{where}: MaximumRetryAttempts")
        self._streams.append(
            StreamSource(
                function=function,
                name=where,
                starting_position=position,
                batch_size=_integer(properties.get("BatchSize", DEFAULT_BATCH), f"{where}: BatchSize"),
                bisect=bool(properties.get("BisectBatchOnFunctionError")),
                partial_failures=_partial_failures(properties, where),
                attempts=None if attempts < 0 else attempts,
                patterns=_patterns(properties.get("FilterCriteria", {}), where),
            )
        )


def _partial_failures(properties: Mapping[str, Any], where: str) -> bool:
    responses = properties.get("FunctionResponseTypes", [])
    if responses not in ([], ["ReportBatchItemFailures"]):
        raise TemplateError(f"{where}: the local stack does not know the response types {responses}")
    return bool(responses)


def _period_seconds(schedule: Any, where: str) -> int:
    """Return how long it is from one call to the next; EventBridge, too, tells one minute from two minutes."""
    rate = RATE.fullmatch(schedule) if isinstance(schedule, str) else None
    if rate is None or (rate[1] == "1") == bool(rate[3]):
        raise TemplateError(f"{where}: Schedule must be like rate(1 minute) or rate(5 minutes), and is {schedule}")
    return int(rate[1]) * UNIT_SECONDS[rate[2]]


def _is_json(text: Any) -> bool:
    try:
        json.loads(text)
    except (TypeError, ValueError):
        return False
    return True


def _patterns(criteria: Mapping[str, Any], where: str) -> list[Pattern]:
    _only(criteria, "Filters", f"{where}: FilterCriteria")
    try:
        return [Pattern.parse(filters["Pattern"]) for filters in criteria.get("Filters", [])]
    except UnknownRule as error:
        raise TemplateError(f"{where}: {error}") from error


def _only(properties: Mapping[str, Any], known: str, where: str) -> None:
    unknown = sorted(set(properties) - set(known.split()))
    if unknown:
        raise TemplateError(f"{where}: the local stack does not know {', '.join(unknown)}")


def _integer(value: Any, where: str) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TemplateError(f"{where} must be a whole number")
    return value
