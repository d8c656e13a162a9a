"""Prints as JSON what `sam local` would run of a template, with its parameters. SAM has an environment of its own."""

import json
import sys

from samcli.lib.providers.api_provider import ApiProvider
from samcli.lib.providers.sam_function_provider import SamFunctionProvider
from samcli.lib.providers.sam_layer_provider import SamLayerProvider
from samcli.lib.providers.sam_stack_provider import SamLocalStackProvider

template, parameters = sys.argv[1:]
stacks, _ = SamLocalStackProvider.get_stacks(template, parameter_overrides=json.loads(parameters))
api = ApiProvider(stacks).api
found = {
    "routes": [
        {
            "path": route.path,
            "methods": sorted(route.methods),
            "function": route.function_name,
            "kind": route.event_type,
            "payload": route.payload_format_version,
            "authorizer": route.authorizer_name,
        }
        for route in api.routes
    ],
    "cors": api.cors,
    "functions": {
        function.name: {
            "handler": function.handler,
            "runtime": function.runtime,
            "memory": function.memory,
            "timeout": function.timeout,
            "code": function.codeuri,
            "layers": [layer.codeuri for layer in function.layers],
            "variables": function.environment["Variables"],
        }
        for function in SamFunctionProvider(stacks).get_all()
    },
    "layers": [layer.codeuri for layer in SamLayerProvider(stacks).get_all()],
}
json.dump(found, sys.stdout)
