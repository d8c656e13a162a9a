"""What is drawn anew shows the same, and says nothing else."""

import struct
import zipfile
import zlib
from io import BytesIO

import pytest
from PIL import ExifTags, Image, ImageDraw, PngImagePlugin

from auth.pictures import MAX_BYTES, NotAPicture
from operations.images import LONGEST_SIDE, draw_anew
from tests.harness.pictures import BLUE, RED, photo

SECRETS = (b"40.7359", b"Biscuit's phone", b"a note to self", b"http://ns.adobe.com/xap", b"Photoshop 3.0", b"Exif")
ROTATED = 6  # as a phone held upright says of a picture that it saves lying
PLAIN_SEGMENTS = {0xE0, 0xDB, 0xC0, 0xC4, 0xDA}  # JFIF's header, tables, the frame, the scan


def two_halves(width: int = 200, height: int = 100) -> Image.Image:
    """Red on the left, blue on the right."""
    picture = Image.new("RGB", (width, height), RED)
    ImageDraw.Draw(picture).rectangle((width // 2, 0, width, height), fill=BLUE)
    return picture


def exif(orientation: int = 1) -> Image.Exif:
    """Where a picture was taken, by which camera."""
    said = Image.Exif()
    said[ExifTags.Base.Orientation] = orientation
    said[ExifTags.Base.Make] = "Biscuit's phone"
    said.get_ifd(ExifTags.IFD.GPSInfo).update({1: "N", 2: (40.0, 44.0, 9.24), 29: "40.7359"})
    return said


def segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def from_a_phone(orientation: int = ROTATED) -> bytes:
    """A JPEG with everything that must not come along: EXIF with GPS and a thumbnail, XMP, IPTC and a comment."""
    written = BytesIO()
    two_halves().save(written, "JPEG", exif=exif(orientation), quality=95, comment=b"a note to self")
    thumbnail = segment(0xE1, b"Exif\0\0MM\0*\0\0\0\x08\0\0\0\0\0\0" + photo())
    xmp = segment(
        0xE1, b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta><exif:GPSLatitude>40.7359</exif:GPSLatitude></x:xmpmeta>"
    )
    iptc = segment(0xED, b"Photoshop 3.0\x008BIM\x04\x04\0\0\0\0\0\x0f\x1c\x02\x5a\0\x0aManhattan\0")
    return written.getvalue()[:2] + written.getvalue()[2:].replace(b"\xff\xdb", xmp + iptc + thumbnail + b"\xff\xdb", 1)


def with_text() -> bytes:
    """A PNG that says more than it shows."""
    said = PngImagePlugin.PngInfo()
    said.add_text("Comment", "a note to self")
    said.add_text("Description", "40.7359", zip=True)
    said.add_itxt("XML:com.adobe.xmp", "<x:xmpmeta>http://ns.adobe.com/xap</x:xmpmeta>")
    written = BytesIO()
    two_halves().save(written, "PNG", pnginfo=said, exif=exif())
    return written.getvalue()


def webp() -> bytes:
    written = BytesIO()
    two_halves().save(written, "WEBP", exif=exif(), xmp=b"<x:xmpmeta>40.7359</x:xmpmeta>", quality=95)
    return written.getvalue()


def archive() -> bytes:
    """A file that is another kind of file when it is read from its end."""
    written = BytesIO()
    with zipfile.ZipFile(written, "w") as packed:
        packed.writestr("a note to self", "40.7359")
    return written.getvalue()


def opened(drawn: bytes) -> Image.Image:
    picture = Image.open(BytesIO(drawn))
    picture.load()
    return picture


def markers(drawn: bytes) -> set[int]:
    """The kinds of segments of a JPEG, up to its pixels."""
    found, place = set(), 2
    while 0xDA not in found:
        assert drawn[place] == 0xFF
        found.add(drawn[place + 1])
        place += 2 + int.from_bytes(drawn[place + 2 : place + 4])
    return found


def near(colour: object, wanted: tuple[int, int, int]) -> bool:
    assert isinstance(colour, tuple)
    return all(abs(ours - theirs) < 12 for ours, theirs in zip(colour, wanted, strict=True))


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(from_a_phone(), id="a JPEG of a phone"),
        pytest.param(with_text(), id="a PNG with text"),
        pytest.param(webp(), id="a WebP with EXIF"),
        pytest.param(photo() + b"<html><script>alert('a note to self')</script>", id="a JPEG that is HTML as well"),
        pytest.param(photo() + archive(), id="a JPEG that is an archive as well"),
    ],
)
def test_nothing_comes_along_but_the_pixels(sent: bytes) -> None:
    drawn = draw_anew(sent)

    picture = opened(drawn)
    assert markers(drawn) == PLAIN_SEGMENTS
    assert drawn.endswith(b"\xff\xd9")
    assert not [secret for secret in (*SECRETS, b"<html", b"PK\x03\x04", b"Manhattan") if secret in drawn]
    assert (picture.format, dict(picture.getexif()), picture.info.keys() & {"exif", "xmp", "comment"}) == (
        "JPEG",
        {},
        set(),
    )


def test_the_picture_of_a_phone_holds_what_must_not_come_along() -> None:
    sent = from_a_phone()

    assert all(secret in sent for secret in SECRETS)
    assert opened(sent).getexif().get_ifd(ExifTags.IFD.GPSInfo)


def test_a_picture_comes_out_upright_with_the_same_to_be_seen() -> None:
    picture = opened(draw_anew(from_a_phone()))

    assert picture.size == (100, 200)
    assert near(picture.getpixel((50, 40)), RED)
    assert near(picture.getpixel((50, 160)), BLUE)


@pytest.mark.parametrize(
    ("width", "height", "size"), [(3000, 1500, (512, 256)), (300, 3000, (51, 512)), (20, 10, (20, 10))]
)
def test_a_large_picture_gets_smaller_and_a_small_one_stays(width: int, height: int, size: tuple[int, int]) -> None:
    written = BytesIO()
    two_halves(width, height).save(written, "JPEG")

    picture = opened(draw_anew(written.getvalue()))

    assert picture.size == size
    assert max(picture.size) <= LONGEST_SIDE


def test_what_can_be_seen_through_is_seen_on_white() -> None:
    written = BytesIO()
    Image.new("RGBA", (10, 10), (0, 0, 0, 0)).save(written, "PNG")

    picture = opened(draw_anew(written.getvalue()))

    assert near(picture.getpixel((5, 5)), (255, 255, 255))


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "CMYK", "RGBA"])
def test_pictures_of_all_modes_are_drawn(mode: str) -> None:
    written = BytesIO()
    two_halves().convert(mode).save(written, "JPEG" if mode == "CMYK" else "PNG")

    assert opened(draw_anew(written.getvalue())).size == (200, 100)


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few kilobytes and very many pixels."""
    packer = zlib.compressobj(9)
    row = bytes(1 + (width + 7) // 8)
    rows = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def huge_webp() -> bytes:
    """The beginning of a WebP that claims to be as large as one can be."""
    canvas = b"\x10\0\0\0" + (16382).to_bytes(3, "little") * 2
    return b"RIFF" + struct.pack("<I", 22) + b"WEBPVP8X" + struct.pack("<I", 10) + canvas


def saved_as(kind: str) -> bytes:
    return photo(kind=kind)


@pytest.mark.parametrize(
    "sent",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"A letter, renamed." * 100, id="a text"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'/>", id="an SVG"),
        pytest.param(b"\xff\xd8\xff\xe0<html>", id="HTML that begins like a JPEG"),
        pytest.param(photo()[:-200], id="half a JPEG"),
        pytest.param(saved_as("GIF"), id="a GIF"),
        pytest.param(saved_as("TIFF"), id="a TIFF"),
        pytest.param(bomb(6400, 6400), id="41 million pixels"),
        pytest.param(bomb(20_000, 20_000), id="400 million pixels"),
        pytest.param(huge_webp(), id="a WebP of 268 million pixels"),
        pytest.param(photo() + bytes(MAX_BYTES), id="too many bytes"),
    ],
)
def test_what_is_no_picture_of_ours_is_refused(sent: bytes) -> None:
    with pytest.raises(NotAPicture):
        draw_anew(sent)


def test_a_large_picture_of_few_bytes_is_taken_while_it_is_within_the_limit() -> None:
    assert opened(draw_anew(bomb(6000, 6000))).size == (512, 512)
