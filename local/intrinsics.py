"""The values of the template: parameters, and what stands locally for a resource's name or address."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

TABLE_NAME = "pawtime"
ACCOUNT = "000000000000"
REGION = "eu-west-1"
PSEUDO_PARAMETERS = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Partition": "aws",
    "AWS::Region": REGION,
    "AWS::StackName": "pawtime",
    "AWS::URLSuffix": "amazonaws.com",
}
PLACEHOLDER = re.compile(r"\$\{(!?)([^}]*)\}")


class TemplateError(Exception):
    """The template cannot be read, or asks for something that the local stack does not do."""


# What `!Ref` gives for each type of resource that something stands for here.
NAMES: dict[str, Callable[[str], str]] = {
    "AWS::DynamoDB::Table": lambda _: TABLE_NAME,
    "AWS::S3::Bucket": lambda logical_id: logical_id,
    "AWS::SQS::Queue": lambda logical_id: f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{logical_id}",
    "AWS::SecretsManager::Secret": lambda logical_id: logical_id,
    "AWS::Serverless::Function": lambda logical_id: logical_id,
}
ATTRIBUTES: dict[tuple[str, str], Callable[[str], str]] = {
    ("AWS::DynamoDB::Table", "Arn"): lambda _: f"arn:aws:dynamodb:{REGION}:{ACCOUNT}:table/{TABLE_NAME}",
    ("AWS::Serverless::Function", "Arn"): lambda logical_id: f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{logical_id}",
}


@dataclass(frozen=True)
class Values:
    """Resolves `!Ref`, `!GetAtt` and `!Sub`."""

    defaults: Mapping[str, Any]
    types: Mapping[str, str]

    def resolve(self, value: Any, where: str, parameters: Mapping[str, str]) -> Any:
        """Return `value` with every intrinsic function in it replaced; `where` is for the error."""
        match value:
            case {"Ref": str(name)}:
                return self._ref(name, where, parameters)
            case {"Fn::GetAtt": [str(name), str(attribute)]}:
                return self._attribute(name, attribute, where)
            case {"Fn::Sub": str(text)}:
                return PLACEHOLDER.sub(lambda found: self._substitute(found, where, parameters), text)
            case dict():
                for name in value:
                    if name.startswith("Fn::") or name in ("Ref", "Condition"):
                        raise TemplateError(f"{where}: the local stack cannot work out {name} here")
                return {name: self.resolve(inner, where, parameters) for name, inner in value.items()}
            case list():
                return [self.resolve(inner, where, parameters) for inner in value]
            case _:
                return value

    def _ref(self, name: str, where: str, parameters: Mapping[str, str]) -> Any:
        if name in self.defaults:
            return parameters.get(name, self.defaults[name])
        if name in PSEUDO_PARAMETERS:
            return PSEUDO_PARAMETERS[name]
        if name not in self.types:
            raise TemplateError(f"{where}: nothing in the template is called {name}")
        if self.types[name] not in NAMES:
            raise TemplateError(f"{where}: the local stack has nothing in place of {name} ({self.types[name]})")
        return NAMES[self.types[name]](name)

    def _attribute(self, name: str, attribute: str, where: str) -> str:
        kind = self.types.get(name)
        if kind is None:
            raise TemplateError(f"{where}: nothing in the template is called {name}")
        if (kind, attribute) not in ATTRIBUTES:
            raise TemplateError(f"{where}: the local stack has nothing in place of {name}.{attribute} ({kind})")
        return ATTRIBUTES[kind, attribute](name)

    def _substitute(self, found: re.Match[str], where: str, parameters: Mapping[str, str]) -> str:
        literal, name = found.groups()
        if literal:
            return f"${{{name}}}"
        resource, dot, attribute = name.partition(".")
        return self._attribute(resource, attribute, where) if dot else str(self._ref(name, where, parameters))
