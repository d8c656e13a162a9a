"""/me/picture: the caller's profile picture."""

from http import HTTPStatus

from auth.models import PictureRequest, PictureUpload
from auth.pictures import Pictures
from common.api import Api
from common.auth import CurrentUser
from common.idempotency import Idempotency

api = Api(switch="auth")


@api.post("/me/picture")
def offer_picture_upload(
    request: PictureRequest, owner: CurrentUser, pictures: Pictures, once: Idempotency
) -> PictureUpload:
    return pictures.offer_upload(owner.user_id, request.content_type, once)


@api.delete("/me/picture", status_code=HTTPStatus.NO_CONTENT)
def take_picture_away(owner: CurrentUser, pictures: Pictures) -> None:
    pictures.take_away(owner.user_id)


handler = api.handler
