"""Starts the whole of Pawtime on this machine: `python -m local.run`, which is what `make run` calls.

PORT (3000), DATA (.data), SEED (1) and LIMITS (0) come from the environment.
"""

import errno
import fcntl
import logging
import os
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import boto3
import uvicorn
from botocore.exceptions import BotoCoreError, ClientError

from local.files import PRIVATE
from local.intrinsics import REGION, TABLE_NAME, TemplateError
from local.stack import Stack
from local.store import EmbeddedStore, Engine, ForeignStore, StoreError, choose, ensure_table
from local.template import TEMPLATE, load

WEB = Path(__file__).parent.parent / "web/dist"
ADDRESSES = ((socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1"))
GRACE_SECONDS = 1
KEEP_ALIVE_SECONDS = 65
LARGEST_LOG = 10_000_000

log = logging.getLogger("local")


class CannotStart(Exception):
    """What keeps the stack from starting, in one sentence."""


@dataclass(frozen=True)
class Settings:
    """What the user chose."""

    port: int
    data: Path
    seed: bool
    limits: bool

    @classmethod
    def read(cls) -> "Settings":
        """Return the settings in the environment."""
        port = os.environ.get("PORT") or "3000"
        if not port.isdecimal() or not 0 < int(port) < 65536:
            raise CannotStart(f"PORT must be a number from 1 to 65535, and is {port}")
        return cls(
            int(port),
            Path(os.environ.get("DATA") or ".data"),
            seed=os.environ.get("SEED", "1") != "0",
            limits=os.environ.get("LIMITS", "0") != "0",
        )

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"


def listen(port: int) -> list[socket.socket]:
    """Return sockets that listen on the loopback addresses that this machine has."""
    sockets: list[socket.socket] = []
    for family, address in ADDRESSES:
        # Without the protocol asyncio leaves Nagle's algorithm on, and every answer takes 40 ms longer.
        listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(1024)
        except OSError as error:
            listener.close()
            if family == socket.AF_INET6 and error.errno not in (errno.EADDRINUSE, errno.EACCES):
                continue  # a machine without IPv6
            for other in sockets:
                other.close()
            why = "is already in use" if error.errno == errno.EADDRINUSE else "may not be used"
            raise CannotStart(f"Port {port} {why}: choose another, for example make run PORT={port + 1}") from error
        sockets.append(listener)
    return sockets


@contextmanager
def data_folder(folder: Path) -> Iterator[None]:
    """Make the folder and keep it for this process alone; what functions print goes to a log in it."""
    functions_log = folder / "functions.log"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, PRIVATE)
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        if functions_log.exists() and functions_log.stat().st_size > LARGEST_LOG:
            functions_log.replace(folder / "functions.log.1")
        output = functions_log.open("a", encoding="utf-8", buffering=1)
    except BlockingIOError as error:
        raise CannotStart(f"Another Pawtime is using the data in {folder}: stop it, or choose another DATA") from error
    except OSError as error:
        raise CannotStart(f"Pawtime cannot keep its data in {folder}: {error.strerror}") from error
    console, sys.stdout = sys.stdout, output
    try:
        yield
    finally:
        sys.stdout = console
        output.close()
        os.close(lock)


def parameters(settings: Settings, engine: Engine) -> dict[str, str]:
    """Return the template's parameters, as a deployment would be given them."""
    services = f"http://127.0.0.1:{settings.port}/_local"
    return {
        "PublicUrl": settings.url,
        "AddressLimits": "on" if settings.limits else "off",
        "DynamoDbEndpoint": engine.endpoint,
        "S3Endpoint": f"{services}/s3",
        "SecretsManagerEndpoint": f"{services}/secretsmanager",
        "SesEndpoint": f"{services}/ses",
        "SqsEndpoint": f"{services}/sqs",
    }


def set_environment(settings: Settings, stack: Stack, engine: Engine) -> None:
    """Give this process the functions' environment, and credentials that are good for nothing in AWS."""
    os.environ.update(stack.environment(parameters(settings, engine)))
    os.environ["AWS_EC2_METADATA_DISABLED"] = "true"
    for name in ("NO_PROXY", "no_proxy"):
        os.environ[name] = ",".join(filter(None, [os.environ.get(name), "localhost", "127.0.0.1"]))
    if isinstance(engine, ForeignStore) and {"AWS_PROFILE", "AWS_ACCESS_KEY_ID"} & os.environ.keys():
        return  # the user's engine, and the user's way of speaking to it
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ENDPOINT_URL", "AWS_IGNORE_CONFIGURED_ENDPOINT_URLS"):
        os.environ.pop(name, None)
    os.environ.update(
        AWS_ACCESS_KEY_ID="local",
        AWS_SECRET_ACCESS_KEY="local",  # noqa: S106
        AWS_REGION=REGION,
        AWS_DEFAULT_REGION=REGION,
        AWS_CONFIG_FILE=os.devnull,
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
    )


def prepare(settings: Settings, stack: Stack, vault: Any) -> list[str]:
    """Make the table, the signing keys and the demo data unless they are there; return what to tell the user."""
    # Only now: what these import reads the environment.
    from auth.key_rotation import KeyRotation
    from common import config
    from common.errors import Problem
    from common.table import table

    client = boto3.client("dynamodb")  # more patient than that of the functions
    ensure_table(client, stack.table, TABLE_NAME)
    client.close()
    try:
        KeyRotation(table(), vault, config.signing_secret_id()).ensure()
        if not settings.seed:
            return []
        from local import seed

        return seed.seed(table())
    except Problem as error:
        raise CannotStart(f"The table cannot be filled: {error}") from error


@contextmanager
def delivery(settings: Settings, stack: Stack, engine: Engine, runtime: Any, queues: Any) -> Iterator[None]:
    """Take the table's stream, the queues and the time to the functions that wait for them, meanwhile."""
    from common.table import table
    from local.queues import QueueSubscription
    from local.schedules import Schedule
    from local.streams import CLIENT_SETTINGS, Positions, Subscription

    endpoint = os.environ.get("AWS_ENDPOINT_URL_DYNAMODB_STREAMS") or engine.endpoint or None
    client = boto3.client("dynamodbstreams", endpoint_url=endpoint, config=CLIENT_SETTINGS)
    stream = table().client.describe_table(TableName=TABLE_NAME)["Table"]["LatestStreamArn"]
    positions, undelivered = Positions(settings.data / "streams.json"), settings.data / "undelivered.jsonl"
    stop = threading.Event()
    subscriptions: list[Subscription | QueueSubscription | Schedule] = [
        Subscription(source, client, stream, runtime, positions, undelivered) for source in stack.streams
    ]
    subscriptions += [QueueSubscription(source, queues, runtime) for source in stack.queue_sources]
    subscriptions += [Schedule(source, runtime) for source in stack.schedules]
    threads = [
        threading.Thread(target=each.run, args=[stop], name=each.source.name, daemon=True) for each in subscriptions
    ]
    for thread in threads:
        thread.start()
    try:
        yield
    finally:
        stop.set()
        for thread in threads:
            thread.join(0.2)


def serve(settings: Settings, template: Path) -> int:
    """Run what a template describes until a signal comes; return the exit code."""
    from local.buckets import Buckets
    from local.gateway import make_app
    from local.mailbox import Mailbox
    from local.queues import Queues
    from local.runtime import Runtime
    from local.s3 import S3
    from local.services import StandIns
    from local.vault import Vault

    with ExitStack() as cleanup:
        stack = load(template)
        sockets = listen(settings.port)
        for listener in sockets:
            cleanup.callback(listener.close)
        cleanup.enter_context(data_folder(settings.data))
        engine, remark = choose(settings.data / "pawtime.db")
        cleanup.enter_context(engine)
        set_environment(settings, stack, engine)
        vault, mailbox = Vault(settings.data / "secrets"), Mailbox(settings.data / "mail")
        queues = Queues(settings.data / "queues.db", stack.queues)
        buckets = Buckets(settings.data / "buckets.db", stack.buckets, queues)
        secret_key = boto3.Session().get_credentials().secret_key
        s3 = S3(buckets, secret_key, stack.origins(parameters(settings, engine)))
        lines = prepare(settings, stack, vault)
        runtime = Runtime(stack.consumers())
        cleanup.enter_context(delivery(settings, stack, engine, runtime, queues))
        server = uvicorn.Server(
            uvicorn.Config(
                make_app(stack, runtime, StandIns(mailbox, vault, queues, s3), WEB),
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,  # nothing stands in front of us that could be believed
                ws="none",
                timeout_keep_alive=KEEP_ALIVE_SECONDS,
                timeout_graceful_shutdown=GRACE_SECONDS,
            )
        )
        lost = threading.Event()
        if isinstance(engine, EmbeddedStore):
            threading.Thread(target=_watch, args=[engine, server, lost], daemon=True).start()
        if remark:
            log.warning(remark)
        log.info("Pawtime is at %s, and the mail that it sends at %s/_local/mail.", settings.url, settings.url)
        for line in lines:
            log.info(line)
        server.run(sockets)
        return int(lost.is_set())


def _watch(engine: EmbeddedStore, server: uvicorn.Server, lost: threading.Event) -> None:
    """End the stack when its store ends."""
    if engine.wait():
        log.error("The store has stopped, and so does Pawtime")
        lost.set()
        server.should_exit = True


def _stop(_signal: int, _frame: FrameType | None) -> NoReturn:
    """End in good order; what else comes until then changes nothing."""
    _on_signals(signal.SIG_IGN)
    raise SystemExit(0)


def _on_signals(handler: Any) -> None:
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, handler)


def start(template: Path = TEMPLATE) -> int:
    """Start, serve and stop; return the exit code."""
    _on_signals(_stop)
    console = logging.StreamHandler(sys.stdout)
    console.setFormatter(logging.Formatter("%(message)s"))
    log.addHandler(console)
    log.setLevel(logging.INFO)
    log.propagate = False
    try:
        return serve(Settings.read(), template)
    except (CannotStart, TemplateError, StoreError) as error:
        print(error, file=sys.stderr)
    except (BotoCoreError, ClientError) as error:
        print(f"The store cannot be used: {error}", file=sys.stderr)
    except SystemExit:
        return 0
    return 1


if __name__ == "__main__":
    code = start()
    sys.stdout.flush()
    # A function that does not end must not keep the stack from ending: its thread cannot be stopped otherwise.
    os._exit(code)
