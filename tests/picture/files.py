"""Files → pictures."""

import io
import re

from PIL import Image


def opened(data: bytes) -> Image.Image:
    """The picture of a file; that of a PDF is the one JPEG on its one page."""
    if data.startswith(b"%PDF"):
        [data] = re.findall(rb"/DCTDecode.*?stream\n(.*?)\nendstream", data, re.DOTALL)
    image = Image.open(io.BytesIO(data))
    image.load()
    return image
