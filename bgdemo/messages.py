"""Everything the program says to people, in English and Indonesian.

A `Text` cannot be made without both languages, so no sentence can be missing in one of them.
"""

from __future__ import annotations

import re
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


def decimal(value: float, language: Language) -> str:
    """A number of at most one decimal, for people: "33", "31.5"; in Indonesian "31,5"."""
    text = f"{round(value, 1) + 0.0:.1f}".removesuffix(".0").replace("-", "−")  # no minus before a nought
    return text.replace(".", ",") if language == "id" else text


_LANGUAGE_RANGE = re.compile(r"(?P<tag>[\w*-]+)(?:[ \t]*;[ \t]*[qQ]=(?P<weight>[01](?:\.\d*)?))?")
"""RFC 9110 §12.4.2: blanks may stand on both sides of the semicolon, and nowhere else."""


def preferred_language(accept_language: str | None) -> Language:
    """The language for an HTTP `Accept-Language` header (RFC 9110 §12.5.4): ours of the most weight, else English."""
    ranked = [
        (float(found["weight"] or 1), found["tag"].lower().split("-")[0])
        for part in (accept_language or "").split(",")
        if (found := _LANGUAGE_RANGE.fullmatch(part.strip(" \t")))
    ]
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
    "error.not_a_side": Text(
        "“{side}” is not a width or height. Try a number such as 1080 or 3.5.",
        "“{side}” bukan lebar atau tinggi. Coba angka seperti 1080 atau 3,5.",
    ),
    "error.pixel_fraction": Text(
        "“{side}” is not a whole number of pixels. Leave the fraction out, or choose cm or mm.",
        "“{side}” bukan bilangan piksel yang bulat. Hilangkan pecahannya, atau pilih cm atau mm.",
    ),
    "error.id_photo_size": Text(
        "An ID photo “{kind}” has its own size. Choose either the ID photo or another size.",
        "Pas foto “{kind}” sudah punya ukuran sendiri. Pilih pas foto itu atau ukuran lain.",
    ),
    "error.unknown_preset": Text(
        "There is no preset “{preset}”. There are {presets}.",
        "Tidak ada preset “{preset}”. Pilihannya {presets}.",
    ),
    "error.preset_and_id_photo": Text(
        "A picture is either an ID photo or made for “{preset}”: ask for one of both.",
        "Gambar bisa berupa pas foto atau dibuat untuk “{preset}”: pilih salah satu.",
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
    "error.dpi_range": Text(
        "The resolution must be above 0 and at most {limit} dots per inch.",
        "Resolusi harus di atas 0 dan paling tinggi {limit} dpi.",
    ),
    "error.aspect_range": Text(
        "A frame can be at most {limit} times as wide as high, or as high as wide. Choose a less narrow one.",
        "Lebar bingkai paling banyak {limit} kali tingginya, atau sebaliknya. Pilih yang tidak sesempit itu.",
    ),
    "error.picture_too_large": Text(
        "This picture would have {megapixels} million pixels; {limit} million are the most. "
        "Choose a smaller size or a tighter frame.",
        "Gambar ini akan berisi {megapixels} juta piksel; paling banyak {limit} juta. "
        "Pilih ukuran yang lebih kecil atau bingkai yang lebih rapat.",
    ),
    "error.file_sides": Text(
        "A {format} file can be at most {limit} pixels wide and high. Choose PNG, or a smaller size.",
        "Lebar dan tinggi berkas {format} paling banyak {limit} piksel. Pilih PNG, atau ukuran yang lebih kecil.",
    ),
    "error.limit_range": Text(
        "The size of a file is a number of kB above 0 and up to {limit}, the least no more than the most.",
        "Besar berkas berupa angka kB di atas 0 sampai {limit}, dan batas bawahnya tidak melebihi batas atasnya.",
    ),
    "error.file_over_most": Text(
        "This picture does not fit into {limit} kB: the smallest {format} file has {reached} kB. "
        "Choose a smaller size, or another file format.",
        "Gambar ini tidak muat dalam {limit} kB: berkas {format} terkecil {reached} kB. "
        "Pilih ukuran yang lebih kecil, atau format berkas lain.",
    ),
    "error.file_under_least": Text(
        "This picture does not fill {limit} kB: the largest {format} file has {reached} kB. "
        "Choose JPEG or PNG, a larger size, or wider limits.",
        "Gambar ini tidak mencapai {limit} kB: berkas {format} terbesar {reached} kB. "
        "Pilih JPEG atau PNG, ukuran yang lebih besar, atau batas yang lebih longgar.",
    ),
    "error.no_head": Text(
        "We could not find anybody in this photo to frame head and shoulders of. "
        "Please choose a clear photo of one person.",
        "Kami tidak menemukan orang di foto ini untuk dibingkai kepala dan bahunya. "
        "Silakan pilih foto satu orang yang jelas.",
    ),
    "error.crop_outside": Text(
        "This frame lies outside the photo. Please choose a part of the photo.",
        "Bingkai ini di luar foto. Silakan pilih bagian di dalam foto.",
    ),
    "error.unknown_paper": Text(
        "There is no paper “{paper}”. Choose one of: {papers}.",
        "Tidak ada kertas “{paper}”. Pilih salah satu: {papers}.",
    ),
    "error.unknown_sheet": Text(
        "“{sheet}” is not a sheet. Try a paper, “a4”, or a paper and its prints: “a4: 4 of 3x4, 4 of 2x3”.",
        "“{sheet}” bukan lembar cetak. Coba nama kertas, “a4”, atau kertas dan isinya: “a4: 4 of 3x4, 4 of 2x3”.",
    ),
    "error.sheet_too_small": Text(
        "This picture is too large for {paper} paper. Choose a larger paper, or an ID photo size.",
        "Gambar ini terlalu besar untuk kertas {paper}. Pilih kertas yang lebih besar, atau ukuran pas foto.",
    ),
    "error.sheet_full": Text(
        "That is too much for one sheet of {paper}. There is room for {room}.",
        "Itu terlalu banyak untuk satu lembar {paper}. Yang muat: {room}.",
    ),
    "error.sheet_count": Text(
        "Ask for at least one print of each size. On {paper} there is room for {room}.",
        "Minta paling sedikit satu foto dari tiap ukuran. Di kertas {paper} muat {room}.",
    ),
    "error.strokes_unreadable": Text(
        "These strokes could not be read. They are a JSON list of "
        '{{"keep": true, "width": 0.02, "points": [[0.5, 0.5], [0.6, 0.5]]}}.',
        "Sapuan ini tidak bisa dibaca. Bentuknya daftar JSON berisi "
        '{{"keep": true, "width": 0.02, "points": [[0.5, 0.5], [0.6, 0.5]]}}.',
    ),
    "error.stroke_width": Text(
        "The width of a stroke must be above 0 and at most 0.5 of the photo's longer side.",
        "Lebar sapuan harus di atas 0 dan paling besar 0,5 dari sisi foto yang lebih panjang.",
    ),
    "error.stroke_outside": Text(
        "A stroke lies outside the photo. Its points are fractions from 0 to 1 of the photo's width and height.",
        "Ada sapuan di luar foto. Titik-titiknya pecahan 0 sampai 1 dari lebar dan tinggi foto.",
    ),
    "error.too_many_strokes": Text(
        "There can be at most {strokes} strokes with {points} points in all. Please undo some of them.",
        "Sapuan paling banyak {strokes}, dengan {points} titik seluruhnya. Urungkan sebagian dulu.",
    ),
    "error.not_written": Text(
        "{path} could not be written: {reason}.",
        "{path} tidak dapat ditulis: {reason}.",
    ),
    "error.fault": Text(
        "This photo met a fault of the program. Its details were logged; the other photos are not affected.",
        "Foto ini mengenai kesalahan program. Rinciannya dicatat di log; foto lain tidak terpengaruh.",
    ),
    "error.lost": Text(
        "The machine or process that worked on this photo broke down. Please try this photo once more.",
        "Mesin atau proses yang mengerjakan foto ini terhenti. Silakan coba foto ini sekali lagi.",
    ),
    "error.too_many_files": Text(
        "These are more than {limit} photos. Please bring them in several parts.",
        "Ini lebih dari {limit} foto. Silakan bagi menjadi beberapa bagian.",
    ),
    "error.batch_too_large": Text(
        "These photos have more than {limit} MB. Please bring them in several parts.",
        "Semua foto ini lebih dari {limit} MB. Silakan bagi menjadi beberapa bagian.",
    ),
    "error.zip_damaged": Text(
        "This file is not a ZIP we can read, or it is damaged. Please make it once more.",
        "Berkas ini bukan ZIP yang bisa dibaca, atau rusak. Silakan buat ulang.",
    ),
    "error.zip_encrypted": Text(
        "This ZIP has a password. Please make one without.",
        "ZIP ini memakai kata sandi. Silakan buat yang tanpa kata sandi.",
    ),
    "error.zip_nested": Text(
        "There are other archives in this ZIP. Please unpack those first.",
        "Ada arsip lain di dalam ZIP ini. Bongkar dulu arsip itu.",
    ),
    "error.zip_links": Text(
        "There are links in this ZIP. Please put the photos themselves into it.",
        "Ada tautan di dalam ZIP ini. Silakan masukkan fotonya sendiri.",
    ),
    "error.zip_too_long": Text(
        "There are far too many files in this ZIP. Please make one of the photos alone.",
        "Terlalu banyak berkas di dalam ZIP ini. Silakan buat ZIP yang berisi fotonya saja.",
    ),
    "error.zip_too_large": Text(
        "Unpacked, the photos in this ZIP have more than {limit} MB. Please divide it into several.",
        "Setelah dibongkar, foto di ZIP ini lebih dari {limit} MB. Silakan bagi menjadi beberapa ZIP.",
    ),
    "error.zip_bomb": Text(
        "This ZIP would unpack to far more than it has. Please make it once more, of the photos alone.",
        "Isi ZIP ini jauh lebih besar daripada berkasnya. Silakan buat ulang, berisi fotonya saja.",
    ),
    "error.zip_without_photos": Text(
        "There is no photo in this ZIP.",
        "Tidak ada foto di dalam ZIP ini.",
    ),
    "error.zip_photo": Text(
        "This photo could not be taken out of its ZIP. Please bring it as a file of its own.",
        "Foto ini tidak bisa dikeluarkan dari ZIP-nya. Silakan bawa sebagai berkas tersendiri.",
    ),
    "error.busy": Text(
        "There is a long line here just now. Please try again in {seconds} seconds.",
        "Antreannya sedang panjang. Silakan coba lagi dalam {seconds} detik.",
    ),
    "error.took_too_long": Text(
        "This photo took too long, so that others would have had to wait. A smaller one may work.",
        "Foto ini terlalu lama diproses, sehingga yang lain harus menunggu. Coba yang lebih kecil.",
    ),
    "error.download_failed": Text(
        "The model “{model}” could not be downloaded. Please check the connection and try again later.",
        "Model “{model}” gagal diunduh. Periksa koneksi dan coba lagi nanti.",
    ),
    "error.model_failed": Text(
        "The model “{model}” could not be loaded; it may need more memory than there is. Please choose another one.",
        "Model “{model}” gagal dimuat; mungkin memorinya tidak cukup. Silakan pilih model lain.",
    ),
    "error.unexpected": Text(
        "Sorry, something went wrong on our side. Please try again; your photo is still here.",
        "Maaf, ada yang salah di sisi kami. Silakan coba lagi; foto Anda masih ada.",
    ),
    "error.upload_failed": Text(
        "The photo did not arrive. Please check the connection and try again.",
        "Fotonya tidak sampai. Periksa koneksi dan coba lagi.",
    ),
    "error.empty_folder": Text("There is no photo in this folder.", "Tidak ada foto di folder ini."),
    "error.link": Text(
        "This is a link, not a photo. Please save the picture first, then drop the saved file here.",
        "Ini tautan, bukan foto. Simpan dulu gambarnya, lalu taruh berkasnya di sini.",
    ),
    "error.no_camera": Text(
        "The browser gives no access to a camera. Please choose a photo instead.",
        "Browser tidak memberi akses ke kamera. Silakan pilih foto saja.",
    ),
    "error.expired": Text(
        "This photo has been deleted, as promised. Please choose it once more.",
        "Foto ini sudah dihapus, seperti yang dijanjikan. Silakan pilih sekali lagi.",
    ),
    # What the user should know about the result.
    "note.no_subject": Text(
        "We could not find a clear subject in this photo.",
        "Kami tidak menemukan objek yang jelas di foto ini.",
    ),
    "note.incomplete": Text("This may be incomplete.", "Hasil ini mungkin belum lengkap."),
    "note.no_face": Text(
        "We found no face, so the head was guessed from the outline; please check the frame.",
        "Kami tidak menemukan wajah, jadi letak kepala dikira dari garis luarnya; silakan periksa bingkainya.",
    ),
    "note.face_cut": Text(
        "The photo cuts the head off at its edge; an office needs all of it, so please take one with more room.",
        "Kepala terpotong tepi foto; kantor meminta kepala utuh, jadi pakai foto yang lebih longgar.",
    ),
    "note.two_heads": Text(
        "There is a second head in the frame; an ID photo shows one person only.",
        "Ada kepala kedua di dalam bingkai; pas foto hanya boleh memuat satu orang.",
    ),
    "note.head_turned": Text(
        "The head is turned to the side; offices ask for a face that looks straight into the camera.",
        "Kepala menoleh ke samping; kantor meminta wajah yang lurus menghadap kamera.",
    ),
    "note.head_enlarged": Text(
        "The head is small in this photo and had to be enlarged, so it may look soft; a closer photo is better.",
        "Kepala di foto ini kecil dan harus diperbesar, jadi bisa tampak kabur; foto yang lebih dekat lebih baik.",
    ),
    # What an office would say of an ID photo: that a rule is kept, and what is off.
    "check.head": Text("Head {measured}", "Kepala {measured}"),
    "check.head.off": Text("Head {measured}, needs {range}", "Kepala {measured}, harus {range}"),
    "check.head.off.usual": Text("Head {measured}, usually {range}", "Kepala {measured}, biasanya {range}"),
    "check.eyes": Text("Eye line {measured}", "Garis mata {measured}"),
    "check.eyes.off": Text("Eye line {measured}, needs {range}", "Garis mata {measured}, harus {range}"),
    "check.above": Text("Room above {measured}", "Ruang di atas kepala {measured}"),
    "check.above.off": Text("Room above {measured}, needs {range}", "Ruang di atas kepala {measured}, harus {range}"),
    "check.middle": Text("Head in the middle", "Kepala di tengah"),
    "check.middle.off": Text(
        "Head {measured} off the middle, at most {most}", "Kepala {measured} dari tengah, paling banyak {most}"
    ),
    "check.tilt": Text("Eyes level", "Mata mendatar"),
    "check.tilt.off": Text("Eyes tilted by {measured}, at most {most}", "Mata miring {measured}, paling banyak {most}"),
    "check.turn": Text("Faces the camera", "Menghadap kamera"),
    "check.turn.off": Text("Face turned to the side", "Wajah menoleh ke samping"),
    "check.enlarged": Text("Sharp enough", "Cukup tajam"),
    "check.enlarged.off": Text("Enlarged {measured}, at most {most}", "Diperbesar {measured}, paling banyak {most}"),
    "check.file": Text("File {measured}", "Berkas {measured}"),
    "check.file.off": Text("File {measured}, needs {range}", "Berkas {measured}, harus {range}"),
    "note.several": Text(
        "This file holds several pictures; the first one is used.",
        "Berkas ini berisi beberapa gambar; yang pertama dipakai.",
    ),
    "note.converted": Text("Colours converted to sRGB.", "Warna diubah ke sRGB."),
    "note.reduced": Text("Colours reduced to 8 bits a channel.", "Warna dikurangi menjadi 8 bit per kanal."),
    "note.print": Text("{count} print on {paper}", "{count} foto di kertas {paper}"),
    "note.prints": Text("{count} prints on {paper}", "{count} foto di kertas {paper}"),
    "note.palette": Text(
        "To stay within the limit, this PNG has few colours. JPEG and WebP look better at the same size.",
        "Agar tidak melebihi batas, PNG ini hanya berisi sedikit warna. JPEG dan WebP lebih bagus pada besar yang "
        "sama.",
    ),
    "note.fallback": Text(
        "The model “{model}” could not be downloaded or loaded. This result was made with “{used}”.",
        "Model “{model}” gagal diunduh atau dimuat. Hasil ini dibuat dengan “{used}”.",
    ),
}
