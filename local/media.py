"""Serves `/media/` of the bucket of pictures as CloudFront will: what lies there, and nothing else of the bucket."""

from http import HTTPStatus

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from local.buckets import Buckets
from local.refusal import Refusal

BUCKET = "MediaBucket"
HEADERS = {
    "Cache-Control": "private, max-age=31536000, immutable",  # another picture has another address
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


class Media:
    """Pictures, by address."""

    def __init__(self, buckets: Buckets) -> None:
        self._buckets = buckets

    async def serve(self, request: Request) -> Response:
        """Answer with a picture."""
        try:
            stored = self._buckets.get(BUCKET, f"media/{request.path_params['name']}")
        except Refusal:
            return PlainTextResponse("Not Found", HTTPStatus.NOT_FOUND, HEADERS | {"Cache-Control": "no-store"})
        return Response(stored.body, headers=HEADERS | {"Content-Type": stored.content_type})
