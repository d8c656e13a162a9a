"""The mails about an account, its address and its password."""

from auth.accounts import AccountRepository
from auth.models import UserRecord
from common import config
from common.outbox import Kind
from common.table import Item
from operations.mail import Mail, Writer


def _verification(user: UserRecord, accounts: AccountRepository, data: Item) -> list[Mail]:
    owner = accounts.owner_of(user.email)
    if owner:
        return [_already_registered(owner)] if owner.user_id != user.user_id else []
    others = filter(None, map(accounts.get, data.get("other_user_ids", [])))
    links = "\n\n".join(
        f"Somebody signed up to Pawtime as {each.username} with this address. If that was you, open this link within a "
        "day, and sign in with the password that you chose:\n\n"
        f"{config.public_url()}/verify?token={accounts.issue_verification_token(each)}"
        for each in (user, *others)
    )
    text = f"{links}\n\nWhat was not you, leave alone: such an account ends by itself.\n"
    return [Mail(user.email, "Please confirm your e-mail address", text)]


def _already_registered(user: UserRecord) -> Mail:
    text = (
        f"Somebody, perhaps you, tried to sign up with this address. It already belongs to your account "
        f"{user.username}.\n\nSign in at {config.public_url()}/ instead. If it was not you, nothing has changed.\n"
    )
    return Mail(user.email, "You already have a Pawtime account", text)


def _reset(user: UserRecord, accounts: AccountRepository, _data: Item) -> list[Mail]:
    link = f"{config.public_url()}/reset?token={accounts.issue_reset_token(user)}"
    text = (
        f"Somebody, perhaps you, asked for a new password for your account {user.username}.\n\n"
        f"To choose one, open this link within ten minutes:\n\n{link}\n\n"
        "All your devices are signed out then. If it was not you, nothing has changed, and nothing will.\n"
    )
    return [Mail(user.email, "Choose a new password", text)]


def _password_changed(user: UserRecord, _accounts: AccountRepository, _data: Item) -> list[Mail]:
    text = (
        f"The password of your account {user.username} was changed, and all other devices were signed out.\n\n"
        f"{_not_you()}"
    )
    return [Mail(user.email, "Your password was changed", text)]


def _email_change(user: UserRecord, accounts: AccountRepository, _data: Item) -> list[Mail]:
    wanted = accounts.wanted_email(user.user_id)
    if wanted is None:
        return []
    warning = (
        f"Somebody who is signed in to your account {user.username} asked that it have another e-mail address.\n\n"
        f"It will, once the link that was sent there has been opened. {_not_you()}"
    )
    return [_new_email(user, wanted, accounts), Mail(user.email, "Your e-mail address is about to change", warning)]


def _new_email(user: UserRecord, wanted: str, accounts: AccountRepository) -> Mail:
    owner = accounts.owner_of(wanted)
    if owner and owner.user_id != user.user_id:
        return _already_registered(owner)
    link = f"{config.public_url()}/verify?token={accounts.issue_change_token(user, wanted)}"
    text = (
        f"Your account {user.username} is to have this address.\n\n"
        f"To confirm it, open this link within a day:\n\n{link}\n\n"
        "If you have no such account, leave this mail alone.\n"
    )
    return Mail(wanted, "Please confirm your new e-mail address", text)


def _email_changed(user: UserRecord, accounts: AccountRepository, _data: Item) -> list[Mail]:
    text = f"Your account {user.username} has this address from now on.\n\n{_not_you()}"
    farewell = f"Your account {user.username} has another e-mail address from now on: mail comes here no more.\n"
    former = accounts.former_email(user.user_id)
    subject = "Your e-mail address was changed"
    return [Mail(user.email, subject, text), *([Mail(former, subject, farewell)] if former else [])]


def _token_reused(user: UserRecord, _accounts: AccountRepository, _data: Item) -> list[Mail]:
    text = (
        f"A device of your account {user.username} was signed out, because what it is signed in with was used a second "
        f"time. That happens when a copy of it is somewhere else.\n\nSign in again. {_not_you()}"
    )
    return [Mail(user.email, "A device was signed out", text)]


def _not_you() -> str:
    return (
        "If that was not you, choose a new password at once: "
        f"{config.public_url()}/forgot. That signs out everybody else.\n"
    )


WRITERS: dict[Kind, Writer] = {
    "verification_requested": _verification,
    "password_reset_requested": _reset,
    "password_changed": _password_changed,
    "email_change_requested": _email_change,
    "email_changed": _email_changed,
    "refresh_token_reused": _token_reused,
}
