"""Draws an uploaded picture anew, so that nothing comes along but what is to be seen.

What a file says beside its pixels (where it was taken, by which camera, a smaller copy of what was cut off, another
file behind its end) is not removed piece by piece: none of it is ever copied.
"""

from io import BytesIO

from PIL import Image, ImageOps

from auth.pictures import MAX_BYTES, NotAPicture

FORMATS = ("JPEG", "PNG", "WEBP")
MAX_PIXELS = 40_000_000
LONGEST_SIDE = 512
QUALITY = 85

Image.MAX_IMAGE_PIXELS = None  # Pillow's own limit warns before it refuses: ours refuses


def draw_anew(sent: bytes) -> bytes:
    """Return the picture as a small, upright JPEG on white; raise NotAPicture where it is none that we take."""
    try:
        if len(sent) > MAX_BYTES:
            raise ValueError("too many bytes")
        with Image.open(BytesIO(sent), formats=FORMATS) as image:
            if image.width * image.height > MAX_PIXELS:  # a few bytes may hold very many
                raise ValueError("too many pixels")
            image.draft("RGB", (2 * LONGEST_SIDE, 2 * LONGEST_SIDE))  # what a JPEG need not decode, it does not
            small = image.convert("RGBA")
        small.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
        upright = ImageOps.exif_transpose(small)
    except Exception as error:  # what a decoder makes of hostile bytes is written down nowhere
        raise NotAPicture from error
    drawn = Image.new("RGB", upright.size, "white")
    drawn.paste(upright, mask=upright)
    written = BytesIO()
    drawn.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()
