"""/me: the signed-in person's own account."""

from auth.accounts import Accounts
from auth.models import ProfileChanges, User
from common.api import Api
from common.auth import CurrentUser

api = Api(switch="auth")


@api.get("/me", child="allow")
def read_me(caller: CurrentUser, accounts: Accounts) -> User:
    return accounts.present(caller.user_id).as_user()


@api.patch("/me")
def change_me(changes: ProfileChanges, caller: CurrentUser, accounts: Accounts) -> User:
    return accounts.change_profile(caller.user_id, changes)


handler = api.handler
