"""/health: whether this deployment can serve requests, its store included."""

from typing import Annotated, Literal

from aws_lambda_powertools.event_handler import Depends

from common import keys
from common.api import Api
from common.models import Out
from common.table import Table, table

api = Api(switch=None)


class Health(Out):
    """Answered only when the table answers; otherwise the caller gets 503."""

    status: Literal["ok"] = "ok"


@api.get("/health", public=True)
def read_health(store: Annotated[Table, Depends(table)]) -> Health:
    store.get(keys.verification_keys())
    return Health()


handler = api.handler
