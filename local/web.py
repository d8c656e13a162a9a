"""Serves the built front end as CloudFront and S3 do: files as they are, and the page for every other address."""

import mimetypes
from http import HTTPStatus
from pathlib import Path, PurePosixPath

from starlette.exceptions import HTTPException
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Receive, Scope, Send

PAGE = "index.html"
HASHED = "/assets/"
SECURITY_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; connect-src 'self' {uploads}; form-action 'self'; "
        "frame-ancestors 'none'; img-src 'self' data: blob:; object-src 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(self), microphone=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
NOT_BUILT = """<!doctype html><html lang="en"><meta charset="utf-8"><title>Pawtime</title>
<h1>The page has not been built</h1>
<p>Run <code>make web</code> and load this page again. The API answers <a href="/api/health">all the same</a>.</p>
</html>"""

# What the machine's own list of types may lack.
mimetypes.add_type("font/woff2", ".woff2")
mimetypes.add_type("image/avif", ".avif")
mimetypes.add_type("text/javascript", ".js")


class Web:
    """The files of the front end, by address."""

    def __init__(self, folder: Path) -> None:
        self._page = folder / PAGE
        self._files = StaticFiles(directory=folder, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._respond(scope)
        uploads = f"http://127.0.0.1:{scope['server'][1]}"  # where the bucket's stand-in is, under another origin
        response.headers.update({name: value.format(uploads=uploads) for name, value in SECURITY_HEADERS.items()})
        await response(scope, receive, send)

    async def _respond(self, scope: Scope) -> Response:
        if not self._page.is_file():
            return HTMLResponse(NOT_BUILT, HTTPStatus.SERVICE_UNAVAILABLE, {"Cache-Control": "no-store"})
        path = str(scope["path"])
        try:
            response = await self._files.get_response(self._files.get_path(scope), scope)
        except (HTTPException, ValueError) as error:
            status = error.status_code if isinstance(error, HTTPException) else HTTPStatus.NOT_FOUND
            if status != HTTPStatus.NOT_FOUND or PurePosixPath(path).suffix:
                return PlainTextResponse(HTTPStatus(status).phrase, status, {"Cache-Control": "no-store"})
            response = await self._files.get_response(PAGE, scope)
        lasting = path.startswith(HASHED) and response.status_code in (HTTPStatus.OK, HTTPStatus.NOT_MODIFIED)
        response.headers["Cache-Control"] = (
            "public, max-age=31536000, immutable" if lasting and PurePosixPath(path).suffix else "no-cache"
        )
        return response
