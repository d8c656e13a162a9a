"""/blocks: those whom the signed-in user wants nothing to do with."""

from http import HTTPStatus

from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency
from common.models import Page
from common.paging import Cursor, Limit
from matching.blocks import Blocks
from matching.models import Block, NewBlock

api = Api(switch="matching")


@api.post("/blocks", status_code=HTTPStatus.CREATED, child="allow", problems=(HTTPStatus.NOT_FOUND,))
def block_user(new_block: NewBlock, caller: CurrentUser, blocks: Blocks, once: Idempotency) -> Block:
    return blocks.block(caller.user_id, new_block, once)


@api.get("/blocks")
def list_blocks(caller: CurrentUser, blocks: Blocks, cursor: Cursor = None, limit: Limit = 20) -> Page[Block]:
    return blocks.list_of(caller.user_id, cursor, limit)


handler = api.handler
