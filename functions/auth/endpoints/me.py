"""/me: the signed-in person's own account."""

from http import HTTPStatus

from aws_lambda_powertools.event_handler import Response

from auth import browser
from auth.accounts import Accounts
from auth.closing import Closings
from auth.models import Accepted, Closing, ProfileChanges, User
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="auth")


@api.get("/me", child="allow")
def read_me(caller: CurrentUser, accounts: Accounts) -> User:
    return accounts.present(caller.user_id).as_user()


@api.patch("/me")
def change_me(changes: ProfileChanges, caller: CurrentUser, accounts: Accounts) -> User:
    return accounts.change_profile(caller.user_id, changes)


@api.delete("/me", status_code=HTTPStatus.ACCEPTED)
def delete_me(closing: Closing, caller: CurrentUser, closings: Closings) -> Response[Accepted]:
    closings.close(caller, closing.password)
    return browser.after_the_last_session(Accepted())


handler = api.handler
