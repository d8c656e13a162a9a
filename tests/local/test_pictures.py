"""A picture's way through a whole stack, by HTTP and as a browser goes it: offered, uploaded, drawn and served."""

import re
import signal
from io import BytesIO
from pathlib import Path
from typing import Any

import httpx
import pytest
from PIL import ExifTags, Image

from local.store import binary
from tests.local.running import Running
from tests.local.waiting import until

pytestmark = pytest.mark.skipif(binary() is None, reason="the embedded engine has no binary for this machine")
ACCOUNT = {"username": "ann", "email": "ann@example.com", "password": "correct horse battery"}


def sign_up(stack: Running) -> None:
    stack.post("/api/auth/register", ACCOUNT)
    link = re.search(r"token=([\w-]+)", stack.mail(ACCOUNT["email"]))
    assert link
    assert stack.post("/api/auth/verify-email", {"token": link[1]}).status_code == 204


def signed_in(stack: Running) -> dict[str, Any]:
    login = {"username": "ann", "password": ACCOUNT["password"], "delivery": "body"}
    answer: dict[str, Any] = stack.post("/api/auth/login", login).json()
    return answer


def picture_of(stack: Running) -> str | None:
    url: str | None = signed_in(stack)["user"]["picture_url"]
    return url


def token(stack: Running) -> dict[str, str]:
    return {"authorization": f"Bearer {signed_in(stack)['access_token']}"}


def offered(stack: Running) -> dict[str, Any]:
    document = {"content_type": "image/jpeg"}
    answer = httpx.post(f"{stack.url}/api/me/picture", json=document, headers=token(stack), timeout=30)
    assert answer.status_code == 200, answer.text
    form: dict[str, Any] = answer.json()["upload"]
    return form


def upload(form: dict[str, Any], content: bytes, **fields: str) -> httpx.Response:
    return httpx.post(form["url"], data=form["fields"] | fields, files={"file": content}, timeout=30)


def photo(colour: str) -> bytes:
    """A photo that says where it was taken."""
    said = Image.Exif()
    said.get_ifd(ExifTags.IFD.GPSInfo)[2] = (40.0, 44.0, 9.24)
    written = BytesIO()
    Image.new("RGB", (800, 600), colour).save(written, "JPEG", exif=said)
    return written.getvalue()


def test_a_picture_goes_from_a_form_to_its_address_and_is_still_there_after_the_stack_was_killed(
    tmp_path: Path,
) -> None:
    with Running(tmp_path / "data") as stack:
        sign_up(stack)

        sent = upload(offered(stack), photo("red"))
        url = until(lambda: picture_of(stack))

        served = httpx.get(f"{stack.url}{url}")
        assert sent.status_code == 204
        assert (served.status_code, served.headers["content-type"]) == (200, "image/jpeg")
        assert b"Exif" not in served.content
        assert Image.open(BytesIO(served.content)).size == (512, 384)
        stack.stop(signal.SIGKILL)

    with Running(tmp_path / "data") as stack:
        assert httpx.get(f"{stack.url}{url}").content == served.content
        assert httpx.delete(f"{stack.url}/api/me/picture", headers=token(stack)).status_code == 204
        assert httpx.get(f"{stack.url}{url}").status_code == 404
        assert picture_of(stack) is None


def test_an_upload_that_was_taken_before_the_stack_was_killed_is_shown_when_it_is_up_again(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        sign_up(stack)
        sent = upload(offered(stack), photo("red"))
        stack.stop(signal.SIGKILL)

    with Running(tmp_path / "data") as stack:
        url = until(lambda: picture_of(stack))

        assert sent.status_code == 204
        assert httpx.get(f"{stack.url}{url}").status_code == 200


def test_a_form_takes_no_other_key_no_other_type_and_no_more_than_ten_megabytes(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        sign_up(stack)
        form = offered(stack)
        key = form["fields"]["key"]

        answers = [
            upload(form, b"x" * (10 * 1024 * 1024 + 1)),
            upload(form, b""),
            upload(form, photo("red"), key=f"{key[:-1]}{'b' if key.endswith('a') else 'a'}"),
            upload(form, photo("red"), key="media/a/1-a.jpg"),
            upload(form, photo("red"), **{"Content-Type": "text/html"}),
        ]

        assert [answer.status_code for answer in answers] == [400, 400, 403, 403, 403]
        assert re.findall(r"<Code>(\w+)", "".join(answer.text for answer in answers[:2])) == [
            "EntityTooLarge",
            "EntityTooSmall",
        ]


def test_a_browser_is_let_to_the_bucket_by_the_page_and_by_the_bucket(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        sign_up(stack)
        form = offered(stack)
        browser = {"origin": stack.url, "sec-fetch-site": "cross-site"}

        page = httpx.get(stack.url)
        sent = httpx.post(form["url"], data=form["fields"], files={"file": photo("red")}, headers=browser)

        origin = form["url"].removesuffix("/_local/s3/MediaBucket")
        assert f"connect-src 'self' {origin};" in page.headers["content-security-policy"]
        assert (sent.status_code, sent.headers["access-control-allow-origin"]) == (204, stack.url)
