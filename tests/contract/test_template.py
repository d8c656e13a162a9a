"""The translated template: small enough for one stack, and with no permission that nobody asked for."""

import copy
from collections.abc import Iterator
from typing import Any

from tests.contract.stack import Template, functions, kinds, read_template, translate
from tests.harness.permissions import Permission, allowed

PLANNED_FUNCTIONS = 65
RESOURCE_LIMIT = 470  # CloudFormation's is 500
MANAGED_POLICIES = {"arn:${AWS::Partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole"}

FOLDERS = {f"${{MediaBucket.Arn}}/{folder}/*" for folder in ("uploads", "drawn", "media")}
"""The only resources that a wildcard may stand for: files have no names yet when roles are made."""


def with_canaries(template: Template) -> Template:
    """Return the template as it will be once every function is deployed gradually."""
    gradual = copy.deepcopy(template)
    gradual["Globals"]["Function"].setdefault("DeploymentPreference", {"Type": "Canary10Percent5Minutes"})
    return gradual


def without(template: Template, function: str) -> Template:
    smaller = copy.deepcopy(template)
    del smaller["Resources"][function]
    return smaller


def test_the_whole_contract_will_fit_into_one_stack() -> None:
    template = with_canaries(read_template())
    resources = kinds(translate(template))
    each = resources.total() - kinds(translate(without(template, "HealthFunction"))).total()
    roles_for_each = resources["AWS::IAM::Role"] / resources["AWS::Lambda::Function"]
    to_come = max(PLANNED_FUNCTIONS - len(functions(template)), 0)
    assert each >= 5, "a function, its version, its alias, its deployment group and the gateway's permission"
    assert resources.total() + to_come * (each + roles_for_each) < RESOURCE_LIMIT


def statements() -> Iterator[tuple[str, dict[str, Any]]]:
    for name, resource in translate(read_template()).items():
        properties = resource.get("Properties", {})
        documents = [policy["PolicyDocument"] for policy in properties.get("Policies", [])]
        if resource["Type"] in ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"):
            documents.append(properties["PolicyDocument"])
        for document in documents:
            for statement in document["Statement"]:
                yield name, statement


def texts(value: Any) -> Iterator[str]:
    """Return every string inside, so that a wildcard in Fn::Sub or Fn::Join is seen as well."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from texts(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from texts(inner)


def test_every_permission_names_its_actions_and_resources() -> None:
    for role, statement in statements():
        assert {"Effect", "Action", "Resource"} == statement.keys() - {"Sid", "Condition"}, role
        named = [text for text in texts([statement["Action"], statement["Resource"]]) if text not in FOLDERS]
        assert not [text for text in named if "*" in text or "?" in text], role


def test_no_role_has_a_managed_policy_but_the_one_for_logs() -> None:
    attached = [
        text
        for resource in translate(read_template()).values()
        if resource["Type"] == "AWS::IAM::Role"
        for text in texts(resource["Properties"].get("ManagedPolicyArns", []))
    ]
    assert set(attached) == MANAGED_POLICIES


def test_a_stage_for_people_is_refused_while_one_of_its_addresses_is_made_up() -> None:
    template = read_template()
    defaults = {name: str(each["Default"]) for name, each in template["Parameters"].items()}
    [rule] = template["Rules"].values()

    refused = [assertion["Assert"]["Fn::Not"][0]["Fn::Equals"] for assertion in rule["Assertions"]]

    assert rule["RuleCondition"] == {"Fn::Not": [{"Fn::Equals": [{"Ref": "Stage"}, "dev"]}]}
    assert {name["Ref"]: value for name, value in refused} == {
        name: value for name, value in defaults.items() if "example.com" in value or "localhost" in value
    }


def test_mail_is_sent_as_the_identity_that_is_verified() -> None:
    senders = {each for each in allowed() if each.action.startswith("ses:")}

    assert senders == {Permission("MailFunction", "ses:SendEmail", "identity/MailIdentity")}


def test_what_decodes_strangers_files_reaches_nothing_but_files() -> None:
    reached = {
        (each.action.partition(":")[0], each.resource) for each in allowed() if each.function == "PictureFunction"
    }

    assert reached == {
        ("s3", "MediaBucket"),
        ("s3", "MediaBucket/uploads/*"),
        ("s3", "MediaBucket/drawn/*"),
        ("sqs", "PictureQueue"),
    }


def test_every_function_names_its_role() -> None:
    """Without one SAM would make a role, with policies of its choice."""
    assert all("Role" in properties for properties in functions(read_template()).values())
