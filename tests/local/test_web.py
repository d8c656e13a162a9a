"""The page is served as CloudFront and S3 serve it."""

from pathlib import Path

import pytest

from local.web import Web
from tests.local.client import Client

PAGE = "<title>Pawtime</title>"


@pytest.fixture
def client(tmp_path: Path) -> Client:
    """A client of a built page, with a secret beside it that is nobody's business."""
    dist = tmp_path / "dist"
    (dist / "assets").mkdir(parents=True)
    (dist / "index.html").write_text(PAGE)
    (dist / "favicon.svg").write_text("<svg/>")
    (dist / "assets/index-Abc123.js").write_text("1")
    (dist / "assets/style-Abc123.css").write_text("a{}")
    (tmp_path / "secret.txt").write_text("secret")
    return Client(Web(dist))


@pytest.mark.parametrize("path", ["/", "/pets", "/pets/7/edit", "/verify?token=a.b", "/a%00b", "/assets"])
def test_every_address_without_an_extension_is_the_page(path: str, client: Client) -> None:
    answer = client.get(path)

    assert (answer.status_code, answer.text) == (200, PAGE)
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert answer.headers["cache-control"] == "no-cache"


@pytest.mark.parametrize(
    ("path", "content_type", "cache"),
    [
        ("/assets/index-Abc123.js", "text/javascript; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/assets/style-Abc123.css", "text/css; charset=utf-8", "public, max-age=31536000, immutable"),
        ("/favicon.svg", "image/svg+xml", "no-cache"),
        ("/index.html", "text/html; charset=utf-8", "no-cache"),
    ],
)
def test_files_have_their_type_and_only_hashed_ones_last(
    path: str, content_type: str, cache: str, client: Client
) -> None:
    answer = client.get(path)

    assert (answer.headers["content-type"], answer.headers["cache-control"]) == (content_type, cache)


@pytest.mark.parametrize(
    "path",
    ["/nope.js", "/assets/nope-Abc123.css", "/../secret.txt", "/%2e%2e/secret.txt", "/assets/..%2f..%2fsecret.txt"],
)
def test_a_file_that_is_not_of_the_page_is_not_found(path: str, client: Client) -> None:
    answer = client.get(path)

    assert answer.status_code == 404
    assert "secret" not in answer.text


def test_a_file_that_has_not_changed_is_not_sent_again(client: Client) -> None:
    tag = client.get("/").headers["etag"]

    answer = client.get("/", headers={"If-None-Match": tag})

    assert (answer.status_code, answer.text) == (304, "")


@pytest.mark.parametrize("path", ["/", "/assets/index-Abc123.js", "/nope.js"])
def test_no_other_site_gets_a_hold_on_the_page(path: str, client: Client) -> None:
    policy = client.get(path).headers["content-security-policy"]

    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy


def test_the_page_takes_no_other_methods(client: Client) -> None:
    assert client.post("/").status_code == 405


def test_a_page_that_has_not_been_built_says_how(tmp_path: Path) -> None:
    answer = Client(Web(tmp_path / "nowhere")).get("/")

    assert answer.status_code == 503
    assert "make web" in answer.text
