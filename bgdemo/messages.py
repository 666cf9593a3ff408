"""Everything the program says to people, in English and Indonesian.

A `Text` cannot be made without both languages, so no sentence can be missing in one of them.
"""

from __future__ import annotations

from typing import Any, Literal, NamedTuple, get_args

Language = Literal["en", "id"]
LANGUAGES: tuple[Language, ...] = get_args(Language)


class Text(NamedTuple):
    """One sentence or label in every language; gaps are named as in `str.format`."""

    en: str
    id: str

    def in_(self, language: Language) -> str:
        """The text in `language`."""
        return self.en if language == "en" else self.id


def say(key: str, language: Language, **params: Any) -> str:
    """The message `key` in `language`, its gaps filled with `params`. Raises KeyError for an unknown key or gap."""
    return MESSAGES[key].in_(language).format(**params)


def preferred_language(accept_language: str | None) -> Language:
    """The language for an HTTP `Accept-Language` header (RFC 9110 §12.5.4): ours of the most weight, else English."""
    ranked: list[tuple[float, str]] = []
    for part in (accept_language or "").split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            ranked.append((float(weight or 1), tag.strip().lower().split("-")[0]))
        except ValueError:
            continue
    ranked.sort(key=lambda entry: -entry[0])
    # "in" is the code that Java and old Android send for Indonesian.
    ours = [tag for weight, tag in ranked if weight > 0 and tag in ("en", "id", "in")]
    return "id" if ours and ours[0] != "en" else "en"


MESSAGES: dict[str, Text] = {
    # What went wrong, and what to do about it.
    "error.empty": Text(
        "This file is empty. Please choose another photo.", "Berkas ini kosong. Silakan pilih foto lain."
    ),
    "error.unreadable": Text(
        "This file is not a photo we can read. JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP and TIFF work.",
        "Berkas ini bukan foto yang bisa dibaca. Yang bisa: JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP, dan TIFF.",
    ),
    "error.truncated": Text(
        "This photo is damaged or incomplete. Please save or send it once more and try again.",
        "Foto ini rusak atau tidak lengkap. Simpan atau kirim ulang fotonya, lalu coba lagi.",
    ),
    "error.file_too_large": Text(
        "This file has more than {limit} MB. Please choose a smaller one.",
        "Berkas ini lebih dari {limit} MB. Silakan pilih yang lebih kecil.",
    ),
    "error.too_many_pixels": Text(
        "This photo has more than {limit} million pixels. Please make it smaller first.",
        "Foto ini melebihi {limit} juta piksel. Perkecil dulu fotonya.",
    ),
    "error.file_not_found": Text("There is no file {path}.", "Tidak ada berkas {path}."),
    "error.unknown_model": Text(
        "There is no model “{model}”. Choose one of: {models}.",
        "Tidak ada model “{model}”. Pilih salah satu: {models}.",
    ),
    "error.threshold_range": Text(
        "The thresholds must be whole numbers from 0 to 255, the background threshold below the foreground threshold.",
        "Ambang harus bilangan bulat 0 sampai 255, dan ambang latar di bawah ambang objek.",
    ),
    "error.erode_range": Text(
        "The erode size must be a whole number from 0 to {limit}.",
        "Ukuran erosi harus bilangan bulat 0 sampai {limit}.",
    ),
    "error.unknown_format": Text(
        "There is no file format “{format}”. Choose one of: {formats}.",
        "Tidak ada format berkas “{format}”. Pilih salah satu: {formats}.",
    ),
    "error.unknown_color": Text(
        "“{color}” is not a colour. Try a name such as “white”, or a code such as #ff8800.",
        "“{color}” bukan warna. Coba nama seperti “white”, atau kode seperti #ff8800.",
    ),
    "error.unknown_shadow": Text(
        "There is no shadow “{shadow}”. Choose “none”, “drop” or “contact”.",
        "Tidak ada bayangan “{shadow}”. Pilih “none”, “drop”, atau “contact”.",
    ),
    "error.unknown_outline": Text(
        "“{outline}” is not an outline. Try “white”, or a width and a colour: “12 white”.",
        "“{outline}” bukan garis tepi. Coba “white”, atau lebar dan warna: “12 white”.",
    ),
    "error.unknown_crop": Text(
        "“{crop}” is not a way to crop. Try “subject”, “head” or “subject 1:1 10%”.",
        "“{crop}” bukan cara memotong. Coba “subject”, “head”, atau “subject 1:1 10%”.",
    ),
    "error.unknown_size": Text(
        "“{size}” is not a size. Try “1080x1080” or “3x4cm”.",
        "“{size}” bukan ukuran. Coba “1080x1080” atau “3x4cm”.",
    ),
    "error.unknown_id_photo": Text(
        "There is no ID photo “{kind}”. Choose one of: {kinds}.",
        "Tidak ada pas foto “{kind}”. Pilih salah satu: {kinds}.",
    ),
    "error.not_a_number": Text(
        "“{word}” is not a number above 0 and up to {limit}.",
        "“{word}” bukan angka di atas 0 dan paling besar {limit}.",
    ),
    "error.size_range": Text(
        "Width and height must be from 1 to {limit} pixels.",
        "Lebar dan tinggi harus 1 sampai {limit} piksel.",
    ),
    "error.crop_outside": Text(
        "This frame lies outside the photo. Please choose a part of the photo.",
        "Bingkai ini di luar foto. Silakan pilih bagian di dalam foto.",
    ),
    "error.sheet_too_small": Text(
        "This picture is too large for a 10×15 cm sheet. Choose an ID photo size first.",
        "Gambar ini terlalu besar untuk lembar 10×15 cm. Pilih dulu ukuran pas foto.",
    ),
    "error.download_failed": Text(
        "The model “{model}” could not be downloaded. Please check the connection and try again later.",
        "Model “{model}” gagal diunduh. Periksa koneksi dan coba lagi nanti.",
    ),
    "error.unexpected": Text(
        "Sorry, something went wrong on our side. Please try again; your photo is still here.",
        "Maaf, ada yang salah di sisi kami. Silakan coba lagi; foto Anda masih ada.",
    ),
    # What the user should know about the result.
    "note.no_subject": Text(
        "We could not find a clear subject in this photo.",
        "Kami tidak menemukan objek yang jelas di foto ini.",
    ),
    "note.several": Text(
        "This file holds several pictures; the first one is used.",
        "Berkas ini berisi beberapa gambar; yang pertama dipakai.",
    ),
    "note.converted": Text("Colours converted to sRGB.", "Warna diubah ke sRGB."),
    "note.fallback": Text(
        "The model “{model}” could not be downloaded. This result was made with “{used}”.",
        "Model “{model}” gagal diunduh. Hasil ini dibuat dengan “{used}”.",
    ),
}
