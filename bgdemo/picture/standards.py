"""What offices ask of an ID photo: one table, each row with the published texts that its figures were taken from."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

Range = tuple[float, float]
"""The least and the most."""

BACKGROUNDS: dict[str, tuple[int, int, int]] = {
    "red": (204, 24, 30),
    "blue": (28, 92, 190),
    "white": (255, 255, 255),
    "grey": (225, 226, 228),
}
"""What ID photos are taken on, in sRGB."""

HEAD: Range = (0.5, 0.7)
"""How much of the picture's height a head takes where nothing is published, as studios have it."""

ABOVE: Range = (0.05, 0.2)
"""How much of it is above the crown where nothing is published."""

DPI = 300
"""What ID photos are printed with, unless more pixels are asked for."""


@dataclass(frozen=True, slots=True)
class Standard:
    """One kind of ID photo; its name is the text `standard.<id>`.

    Lengths are in mm of the print, on paper or as if it were printed. `head_mm` is from chin to crown, `eyes_mm` from
    the lower edge to the line of the eyes, `above_mm` from the crown to the upper edge; None is what nobody has
    published. `backgrounds` are keys of `BACKGROUNDS`, the usual one first. `pixels` are the fewest (width, height),
    `kb` the fewest and most thousand bytes of a file, `format` a key of `FORMATS`. Raises ValueError for figures that
    contradict each other.
    """

    id: str
    width_mm: float
    height_mm: float
    backgrounds: tuple[str, ...]
    sources: tuple[str, ...]
    head_mm: Range | None = None
    eyes_mm: Range | None = None
    above_mm: Range | None = None
    pixels: tuple[int, int] | None = None
    kb: tuple[int, int] | None = None
    format: Literal["jpeg"] | None = None

    def __post_init__(self) -> None:
        for least, most in filter(None, (self.head_mm, self.eyes_mm, self.above_mm)):
            if not 0 < least <= most < self.height_mm:
                raise ValueError(f"{self.id}: lengths within the picture, the least first")
        if not self.backgrounds or not BACKGROUNDS.keys() >= set(self.backgrounds):
            raise ValueError(f"{self.id}: backgrounds of the table")
        if not self.sources:
            raise ValueError(f"{self.id}: at least one source")

    @property
    def dpi(self) -> int:
        """Pixels per inch at which the picture has as many pixels as it needs."""
        if not self.pixels:
            return DPI
        sides = zip(self.pixels, (self.width_mm, self.height_mm), strict=True)
        return max(DPI, *(math.ceil(pixels * 25.4 / side) for pixels, side in sides))

    @property
    def head(self) -> Range:
        """The head's height, chin to crown, in fractions of the picture's."""
        return self._fractions(self.head_mm) or HEAD

    @property
    def eyes(self) -> Range | None:
        """The eyes' height above the lower edge, in fractions of the picture's."""
        return self._fractions(self.eyes_mm)

    @property
    def above(self) -> Range:
        """The room above the crown, in fractions of the picture's height."""
        return self._fractions(self.above_mm) or ABOVE

    def _fractions(self, lengths: Range | None) -> Range | None:
        return lengths and (lengths[0] / self.height_mm, lengths[1] / self.height_mm)


_ROWS = (
    Standard(
        "2x3",
        20,
        30,
        ("red", "blue", "white"),
        (
            "https://pontren.com/2024/01/10/foto-buku-nikah-ukuran-warna-background/",
            "https://kumparan.com/berita-bisnis/perbedaan-background-foto-merah-dan-biru-di-ktp-dan-dokumen-lain-21cUSEBypBF",
        ),
    ),
    Standard(
        "3x4",
        30,
        40,
        ("red", "blue", "white"),
        (
            "https://jangkargroups.co.id/ukuran-pas-foto-untuk-nikah",
            "https://kumparan.com/berita-bisnis/perbedaan-background-foto-merah-dan-biru-di-ktp-dan-dokumen-lain-21cUSEBypBF",
        ),
    ),
    Standard(
        "4x6",
        40,
        60,
        ("red", "blue", "white"),
        (
            "https://pontren.com/2024/01/10/foto-buku-nikah-ukuran-warna-background/",
            "https://kumparan.com/berita-bisnis/perbedaan-background-foto-merah-dan-biru-di-ktp-dan-dokumen-lain-21cUSEBypBF",
        ),
    ),
    Standard(
        "sscasn",
        40,
        60,
        ("red",),
        (
            "https://teropongmedia.id/berapa-ukuran-pas-foto-pendaftaran-cpns-2024-cek-dulu/",
            "https://www.kompiwin.com/ukuran-foto/cpns/",
        ),
        kb=(0, 200),
        format="jpeg",
    ),
    Standard(
        "snpmb",
        40,
        60,
        ("red", "blue", "white"),
        (
            "https://m.tribunnews.com/amp/nasional/2025/01/05/contoh-pasfoto-snpmb-2025-yang-benar-dan-salah",
            "https://edukasi.okezone.com/read/2026/01/14/65/3195468/begini-syarat-dan-ketentuan-upload-foto-registrasi-akun-snpmb-2026",
        ),
        pixels=(200, 300),
        kb=(40, 100),
        format="jpeg",
    ),
    Standard(
        "id-visa",
        40,
        60,
        ("white", "red"),
        (
            "https://banten.antaranews.com/berita/286506/pengajuan-visa-online-kemenkumham-ajak-masyarakat-perhatikan-hal-ini",
            "https://ishotaphoto.com/en/documents/indonesia-e-visa-registration",
            "https://fastpassportphotoonline.com/indonesia/visa/examples",
        ),
        head_mm=(30, 36),
        eyes_mm=(30, 36),
        pixels=(400, 600),
        kb=(0, 2000),
        format="jpeg",
    ),
    Standard(
        "35x45",
        35,
        45,
        ("white", "grey", "red", "blue"),
        ("https://qastack.id/travel/11534/why-are-you-now-required-not-to-smile-in-passport-photos",),
        head_mm=(31.5, 36),
    ),
    Standard(
        "uk",
        35,
        45,
        ("grey",),
        ("https://gov.tc/passports/photos", "https://atpei.ca/united-kingdom-passport-photos/"),
        head_mm=(29, 34),
    ),
    Standard(
        "schengen",
        35,
        45,
        ("grey", "white"),
        (
            "https://bangkok.diplo.de/th-de/service/02-PaesseAusweise/-/2448880",
            "https://huemmler.de/schablone-fuer-ein-biometrisches-passbild",
        ),
        head_mm=(32, 36),
        eyes_mm=(22, 32),
    ),
    Standard(
        "us",
        51,
        51,
        ("white",),
        (
            "https://de.usembassy.gov/u-s-citizen-services/passports/passport-photos/",
            "http://travel.state.gov/visa/guide/guide_3882.html",
        ),
        head_mm=(25, 35),
        eyes_mm=(28, 35),
        pixels=(600, 600),
        kb=(0, 240),
        format="jpeg",
    ),
    Standard(
        "china",
        33,
        48,
        ("white",),
        (
            "http://www.fmcoprc.gov.hk/eng/fwxx/wgrqz/t1418248.htm",
            "https://chinavisaletter.com/requirements-of-the-photo-for-china-visa/",
            "http://texastower.net/did-you-know-china-updated-their-visa-photo-requirements/",
        ),
        head_mm=(28, 33),
        above_mm=(3, 5),
        kb=(40, 120),
        format="jpeg",
    ),
    Standard(
        "japan",
        35,
        45,
        ("white", "grey"),
        (
            "http://www.pref.miyazaki.lg.jp/kokusai-keizaikoryu/kanko/koryu/shashin.html",
            "https://www.houston.us.emb-japan.go.jp/itpr_ja/pp_photo.html",
        ),
        head_mm=(32, 36),
        above_mm=(2, 6),
    ),
    Standard(
        "india",
        35,
        45,
        ("white",),
        ("https://onlinepassportphoto.com/India-Passport-photo.html", "http://passport-size.photo/india.html"),
        head_mm=(36, 38.25),
        pixels=(630, 810),
    ),
    Standard(
        "india-visa",
        51,
        51,
        ("white",),
        (
            "http://www.immihelp.com/nri/photograph-instructions.html",
            "https://indianembassyrabat.gov.in/pages?id=vbmOe&subid=7ax9b&nextid=vbmOe",
            "https://www.123passportphoto.com/ur/photo-requirements.php?country=IN&type=Visa",
        ),
        head_mm=(25, 35),
        eyes_mm=(28, 35),
        pixels=(350, 350),
        kb=(10, 300),
        format="jpeg",
    ),
)

STANDARDS: dict[str, Standard] = {row.id: row for row in _ROWS}
"""All of them by their ids, those of Indonesia first."""
