"""S3 by HTTP, over the buckets of this data folder: the operations that Pawtime calls, and presigned forms."""

from http import HTTPStatus
from urllib.parse import quote
from xml.sax.saxutils import escape

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route

from local import forms
from local.buckets import Buckets, StoredObject
from local.refusal import Refusal

LARGEST_FORM = 16 * 1024 * 1024
STATUSES = {
    "AccessDenied": HTTPStatus.FORBIDDEN,
    "MissingContentLength": HTTPStatus.LENGTH_REQUIRED,
    "NoSuchBucket": HTTPStatus.NOT_FOUND,
    "NoSuchKey": HTTPStatus.NOT_FOUND,
    "NotImplemented": HTTPStatus.NOT_IMPLEMENTED,
    "SignatureDoesNotMatch": HTTPStatus.FORBIDDEN,
}


class _InMemory(MultiPartParser):
    spool_max_size = LARGEST_FORM  # nothing is written outside the data folder


class S3:
    """Answers at `/{bucket}` and `/{bucket}/{key}`. Forms show who signed them; nothing else is asked who it is."""

    def __init__(self, buckets: Buckets, secret_key: str, origins: list[str]) -> None:
        self.buckets = buckets
        self._secret_key = secret_key
        self._origins = origins

    def routes(self) -> list[BaseRoute]:
        """Return the routes. Pages of the buckets' origins may read what is answered to a form."""
        cors = [Middleware(CORSMiddleware, allow_origins=self._origins, allow_methods=["POST"])]
        return [
            Route("/{bucket}", self.bucket, methods=["GET", "POST"], middleware=cors),
            Route("/{bucket}/{key:path}", self.object, methods=["GET", "PUT", "DELETE"]),
        ]

    async def bucket(self, request: Request) -> Response:
        """Answer ListObjectsV2, or take a presigned form."""
        bucket = request.path_params["bucket"]
        try:
            if request.method == "POST":
                return await self._take(request, bucket)
            if request.query_params.get("list-type") != "2":
                raise Refusal("NotImplemented", "The local stack does not know this operation of S3")
            found = self.buckets.list(bucket, request.query_params.get("prefix", ""))
        except Refusal as refusal:
            return _refused(refusal)
        contents = "".join(f"<Contents><Key>{escape(quote(key))}</Key></Contents>" for key in found)
        return _xml(f"<ListBucketResult><EncodingType>url</EncodingType>{contents}</ListBucketResult>")

    async def object(self, request: Request) -> Response:
        """Answer GetObject, PutObject and DeleteObject."""
        bucket, key = request.path_params["bucket"], request.path_params["key"]
        try:
            if request.method == "PUT":
                return await self._put(request, bucket, key)
            if request.method == "DELETE":
                self.buckets.delete(bucket, key)
                return Response(status_code=HTTPStatus.NO_CONTENT)
            stored = self.buckets.get(bucket, key)
        except Refusal as refusal:
            return _refused(refusal)
        return Response(stored.body, headers={"ETag": stored.etag, "Content-Type": stored.content_type})

    async def _put(self, request: Request, bucket: str, key: str) -> Response:
        if "content-encoding" in request.headers:
            raise Refusal("NotImplemented", "The local stack takes objects as they are")
        stored = StoredObject(await request.body(), request.headers.get("content-type", "binary/octet-stream"))
        self.buckets.put(bucket, key, stored)
        return Response(headers={"ETag": stored.etag})

    async def _take(self, request: Request, bucket: str) -> Response:
        fields, body = await _read_form(request)
        forms.check(fields, bucket, len(body), self._secret_key)
        stored = StoredObject(body, fields.get("content-type", "binary/octet-stream"))
        self.buckets.put(bucket, fields["key"], stored, how="Post")
        return Response(status_code=HTTPStatus.NO_CONTENT, headers={"ETag": stored.etag})


async def _read_form(request: Request) -> tuple[dict[str, str], bytes]:
    """Return the fields of a form, by their names in lower case, and its file."""
    if "content-length" not in request.headers:
        raise Refusal("MissingContentLength", "You must provide the Content-Length HTTP header.")
    if int(request.headers["content-length"]) > LARGEST_FORM:
        raise Refusal("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")
    try:
        form = await _InMemory(request.headers, request.stream(), max_files=1).parse()
    except (MultiPartException, KeyError) as error:
        raise Refusal("MalformedPOSTRequest", "The body is not well-formed multipart/form-data.") from error
    try:
        fields = {name.lower(): value for name, value in form.multi_items() if isinstance(value, str)}
        match form.get("file"):
            case UploadFile() as file:
                return fields, await file.read()
            case _:
                raise Refusal("InvalidArgument", "POST requires exactly one file upload per request.")
    finally:
        await form.close()


def _refused(refusal: Refusal) -> Response:
    status = STATUSES.get(refusal.code, HTTPStatus.BAD_REQUEST)
    return _xml(f"<Error><Code>{refusal.code}</Code><Message>{escape(refusal.message)}</Message></Error>", status)


def _xml(document: str, status: HTTPStatus = HTTPStatus.OK) -> Response:
    return Response(f'<?xml version="1.0" encoding="UTF-8"?>\n{document}', status, media_type="application/xml")
