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
    "error.sheet_too_small": Text(
        "This picture is too large for a 10×15 cm sheet. Choose an ID photo size first.",
        "Gambar ini terlalu besar untuk lembar 10×15 cm. Pilih dulu ukuran pas foto.",
    ),
    "error.not_written": Text(
        "{path} could not be written: {reason}.",
        "{path} tidak dapat ditulis: {reason}.",
    ),
    "error.fault": Text(
        "This photo met a fault of the program. Its details are above; the other photos are not affected.",
        "Foto ini mengenai kesalahan program. Rinciannya di atas; foto lain tidak terpengaruh.",
    ),
    "error.download_failed": Text(
        "The model “{model}” could not be downloaded. Please check the connection and try again later.",
        "Model “{model}” gagal diunduh. Periksa koneksi dan coba lagi nanti.",
    ),
    "error.unexpected": Text(
        "Sorry, something went wrong on our side. Please try again; your photo is still here.",
        "Maaf, ada yang salah di sisi kami. Silakan coba lagi; foto Anda masih ada.",
    ),
    "error.upload_failed": Text(
        "The photo did not arrive. Please check the connection and try again.",
        "Fotonya tidak sampai. Periksa koneksi dan coba lagi.",
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
    "note.several": Text(
        "This file holds several pictures; the first one is used.",
        "Berkas ini berisi beberapa gambar; yang pertama dipakai.",
    ),
    "note.converted": Text("Colours converted to sRGB.", "Warna diubah ke sRGB."),
    "note.fallback": Text(
        "The model “{model}” could not be downloaded. This result was made with “{used}”.",
        "Model “{model}” gagal diunduh. Hasil ini dibuat dengan “{used}”.",
    ),
    # The page.
    "ui.title": Text("Background remover", "Penghapus latar belakang"),
    "ui.tagline": Text("Drop a photo, get a clean cutout.", "Taruh foto, objeknya langsung terpisah."),
    "ui.drop": Text("Drop a photo here, paste it, or take one", "Taruh foto di sini, tempel, atau ambil dengan kamera"),
    "ui.formats": Text(
        "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF, up to {megabytes} MB and {megapixels} million pixels",
        "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP, atau TIFF, sampai {megabytes} MB dan {megapixels} juta piksel",
    ),
    "ui.choose": Text("Choose a photo", "Pilih foto"),
    "ui.choose_other": Text("Choose another photo", "Pilih foto lain"),
    "ui.camera": Text("Take a photo", "Ambil dengan kamera"),
    "ui.shutter": Text("Take this picture", "Ambil gambar ini"),
    "ui.camera_close": Text("Close the camera", "Tutup kamera"),
    "ui.your_photo": Text("Your photo", "Foto Anda"),
    "ui.examples": Text("Try one of these", "Coba salah satu ini"),
    "ui.example.kucing": Text("Cat", "Kucing"),
    "ui.example.dog": Text("Dog and person", "Orang dan anjing"),
    "ui.example.astronaut": Text("Astronaut", "Astronaut"),
    "ui.example.cup": Text("Cup", "Cangkir"),
    "ui.example.butterfly": Text("Butterfly", "Kupu-kupu"),
    "ui.view": Text("View", "Tampilan"),
    "ui.compare": Text("Compare", "Bandingkan"),
    "ui.compare_slider": Text("Slide between the photo and the cutout", "Geser antara foto asli dan hasil"),
    "ui.before": Text("Before", "Sebelum"),
    "ui.after": Text("After", "Sesudah"),
    "ui.cutout": Text("Cutout", "Hasil"),
    "ui.mask": Text("Mask", "Mask"),
    "ui.backdrop": Text("Backdrop", "Latar tampilan"),
    "ui.backdrop.checker": Text("Checkerboard", "Kotak-kotak"),
    "ui.backdrop.white": Text("White", "Putih"),
    "ui.backdrop.black": Text("Black", "Hitam"),
    "ui.backdrop.colour": Text("Colour", "Warna"),
    "ui.download": Text("Download PNG", "Unduh PNG"),
    "ui.download_size": Text("Download {kind} · {size}", "Unduh {kind} · {size}"),
    "ui.format": Text("File format", "Format berkas"),
    "ui.kind_mask": Text("Mask (PNG)", "Mask (PNG)"),
    "ui.kind_trimap": Text("Trimap (PNG)", "Trimap (PNG)"),
    "ui.download_mask": Text("Download mask", "Unduh mask"),
    # Finishing.
    "ui.finishing": Text("Finish the picture", "Sempurnakan gambar"),
    "ui.background": Text("Background", "Latar"),
    "ui.crop_size": Text("Crop & size", "Potong & ukuran"),
    "ui.undo": Text("Undo", "Urungkan"),
    "ui.reset_look": Text("Reset", "Reset"),
    "ui.reset_look_info": Text("Reset to the plain cutout", "Kembali ke hasil awal tanpa latar"),
    "ui.transparent": Text("Transparent", "Transparan"),
    "ui.white": Text("White", "Putih"),
    "ui.color": Text("Colour", "Warna"),
    "ui.any_color": Text("Any colour", "Warna lain"),
    "ui.blur": Text("Blurred photo", "Foto diburamkan"),
    "ui.blur_strength": Text("Blur", "Keburaman"),
    "ui.own_picture": Text("Your own picture", "Gambar sendiri"),
    "ui.choose_picture": Text("Choose a picture", "Pilih gambar"),
    "ui.fill": Text("Fill", "Penuhi bingkai"),
    "ui.fit": Text("Fit inside", "Muat semua"),
    "ui.zoom": Text("Zoom", "Perbesar"),
    "ui.move_x": Text("Left – right", "Kiri – kanan"),
    "ui.move_y": Text("Up – down", "Atas – bawah"),
    "ui.scene.studio": Text("Studio", "Studio"),
    "ui.scene.night": Text("Night", "Malam"),
    "ui.scene.dawn": Text("Dawn", "Fajar"),
    "ui.scene.sea": Text("Sea", "Laut"),
    "ui.scene.leaf": Text("Leaf", "Daun"),
    "ui.color.red": Text("Red", "Merah"),
    "ui.color.blue": Text("Blue", "Biru"),
    "ui.color.black": Text("Black", "Hitam"),
    "ui.color.grey": Text("Grey", "Abu-abu"),
    "ui.color.sand": Text("Sand", "Krem"),
    "ui.color.yellow": Text("Yellow", "Kuning"),
    "ui.color.green": Text("Green", "Hijau"),
    "ui.color.pink": Text("Pink", "Merah muda"),
    "ui.shadow": Text("Shadow", "Bayangan"),
    "ui.shadow.none": Text("No shadow", "Tanpa bayangan"),
    "ui.shadow.drop": Text("On the wall", "Di dinding"),
    "ui.shadow.contact": Text("On the ground", "Di lantai"),
    "ui.outline": Text("Outline", "Garis tepi"),
    "ui.outline.none": Text("No outline", "Tanpa garis tepi"),
    "ui.outline.white": Text("White outline", "Garis putih"),
    "ui.outline.color": Text("Coloured outline", "Garis berwarna"),
    "ui.width": Text("Width", "Lebar"),
    "ui.height": Text("Height", "Tinggi"),
    "ui.crop": Text("Crop", "Potong"),
    "ui.crop.photo": Text("Whole photo", "Seluruh foto"),
    "ui.crop.tight": Text("Tight", "Pas objek"),
    "ui.crop.market": Text("Marketplace", "Marketplace"),
    "ui.crop.market_info": Text(
        "Square with a margin, as online shops like it", "Persegi dengan jarak tepi, pas untuk toko daring"
    ),
    "ui.id_photo": Text("ID photo", "Pas foto"),
    "ui.id_color": Text("ID photo background", "Latar pas foto"),
    "ui.sheet": Text("Several on a 10×15 cm sheet", "Cetak beberapa di lembar 10×15 cm"),
    "ui.position": Text("Zoom and position", "Perbesar dan geser"),
    "ui.size": Text("Exact size", "Ukuran pasti"),
    "ui.unit": Text("Unit", "Satuan"),
    "ui.dpi": Text("Dots per inch", "Titik per inci (dpi)"),
    "ui.preparing": Text("Preparing the file…", "Menyiapkan berkas…"),
    "ui.model": Text("Model", "Model"),
    "ui.more_models": Text("More models…", "Model lain…"),
    "ui.other_model": Text("Model to download", "Model yang diunduh"),
    "ui.other_model_info": Text(
        "Fetched once, when first chosen, from its makers' public server. Your photo stays here.",
        "Diunduh sekali saja dari server pembuatnya saat pertama dipilih. Foto Anda tetap di sini.",
    ),
    "ui.non_commercial": Text("not for commercial use", "bukan untuk komersial"),
    "ui.fine_hair": Text("Fine hair", "Rambut halus"),
    "ui.fine_hair_info": Text(
        "Follows single hairs and fur, takes longer.", "Mengikuti helai rambut dan bulu, sedikit lebih lama."
    ),
    "ui.expert": Text("Expert settings", "Pengaturan lanjutan"),
    "ui.expert_info": Text(
        "They draw the trimap of “Fine hair”: what is surely subject, surely background, or still to be solved.",
        "Ini mengatur trimap “Rambut halus”: mana yang pasti objek, pasti latar, atau masih harus dihitung.",
    ),
    "ui.reset_number": Text("Back to the default", "Kembali ke nilai bawaan"),
    "ui.foreground_threshold": Text("Foreground threshold", "Ambang objek"),
    "ui.foreground_threshold_info": Text(
        "What the mask rates above this is surely subject.", "Yang nilainya di atas ini di mask pasti objek."
    ),
    "ui.background_threshold": Text("Background threshold", "Ambang latar"),
    "ui.background_threshold_info": Text(
        "What the mask rates below this is surely background.", "Yang nilainya di bawah ini di mask pasti latar."
    ),
    "ui.erode_size": Text("Erode size", "Ukuran erosi"),
    "ui.erode_size_info": Text(
        "How many pixels both sure regions shrink; more leaves a wider edge to solve.",
        "Berapa piksel kedua daerah pasti itu menyusut; makin besar, makin lebar tepi yang dihitung.",
    ),
    "ui.reading": Text("Reading the photo…", "Membaca foto…"),
    "ui.waiting_one": Text(
        "Waiting: 1 photo before yours, about {seconds} s…",
        "Menunggu: 1 foto sebelum foto Anda, sekitar {seconds} detik…",
    ),
    "ui.waiting_many": Text(
        "Waiting: {count} photos before yours, about {seconds} s…",
        "Menunggu: {count} foto sebelum foto Anda, sekitar {seconds} detik…",
    ),
    "ui.finding": Text("Finding the subject…", "Mencari objeknya…"),
    "ui.full_size": Text("Preparing the full-size file…", "Menyiapkan berkas ukuran penuh…"),
    "ui.fetching": Text(
        "Downloading the model “{model}” ({size} MB)… {percent}%", "Mengunduh model “{model}” ({size} MB)… {percent}%"
    ),
    "ui.advice": Text(
        "Move closer, or choose a photo where the subject stands out.",
        "Coba foto yang lebih dekat, atau yang objeknya lebih menonjol.",
    ),
    "ui.try_other_model": Text("Try another model", "Coba model lain"),
    "ui.privacy": Text(
        "Your photo is deleted from this server within the hour and sent nowhere else.",
        "Foto Anda dihapus dari server ini dalam satu jam dan tidak dikirim ke mana pun.",
    ),
    "ui.how": Text("How it works", "Cara kerjanya"),
    "ui.how_network": Text(
        "A neural network on this server finds the subject of the photo.",
        "Jaringan saraf di server ini mencari objek di foto.",
    ),
    "ui.how_edge": Text(
        "The edge is then refined at the photo's full size, and the old background's colour is taken out of it.",
        "Tepinya lalu diperhalus pada ukuran penuh foto, dan warna latar lama dibersihkan dari tepi itu.",
    ),
    "ui.how_file": Text(
        "The PNG keeps the photo's size, colour profile and resolution; camera and location data are left out.",
        "PNG-nya mempertahankan ukuran, profil warna, dan resolusi foto; data kamera dan lokasi tidak disertakan.",
    ),
    # The line under the result.
    "facts.unchanged": Text("subject pixels unchanged", "piksel objek tidak diubah"),
    "facts.seconds": Text("{seconds} s", "{seconds} detik"),
}
