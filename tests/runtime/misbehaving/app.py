"""A function that does what the event says, and counts how often this process has answered."""

import itertools
import os
import sys
import time
from typing import Any

COUNT = itertools.count(1)


def handler(event: Any, _context: Any) -> Any:
    match event:
        case {"wait": seconds}:
            time.sleep(seconds)
        case {"raise": message}:
            raise ValueError(message)
        case {"exit": status}:
            sys.exit(status)
        case {"die": status}:
            os._exit(status)
        case {"size": size}:
            return "x" * (size - len('""'))
        case {"unserialisable": _}:
            return {1, 2}
    return next(COUNT)
