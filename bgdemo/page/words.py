"""The page's own words, in both languages."""

from __future__ import annotations

from typing import Any

from bgdemo.messages import Language, Text


def word(key: str, language: Language, **params: Any) -> str:
    """The words `key` of the page in `language`, their gaps filled with `params`."""
    return WORDS[key].in_(language).format(**params)


WORDS: dict[str, Text] = {
    "ui.title": Text("Background remover", "Penghapus latar belakang"),
    "ui.tagline": Text("Drop a photo, get a clean cutout.", "Taruh foto, objeknya langsung terpisah."),
    "ui.drop": Text("Drop a photo here, paste it, or take one", "Taruh foto di sini, tempel, atau ambil dengan kamera"),
    "ui.formats": Text(
        "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP or TIFF, up to {megabytes} MB and {megapixels} million pixels",
        "JPEG, PNG, WebP, HEIC, AVIF, GIF, BMP, atau TIFF, sampai {megabytes} MB dan {megapixels} juta piksel",
    ),
    "ui.choose": Text("Choose a photo", "Pilih foto"),
    "ui.choose_other": Text("Choose another photo", "Pilih foto lain"),
    "ui.another": Text("Choose another", "Foto lain"),
    "ui.camera_short": Text("Camera", "Kamera"),
    "ui.camera": Text("Take a photo", "Ambil dengan kamera"),
    "ui.shutter": Text("Take this picture", "Ambil gambar ini"),
    "ui.camera_close": Text("Close the camera", "Tutup kamera"),
    "ui.your_photo": Text("Your photo", "Foto Anda"),
    "ui.examples": Text("Try one of these", "Coba salah satu contoh ini"),
    "ui.examples_short": Text("Examples", "Contoh"),
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
    "ui.mask": Text("Mask", "Siluet"),
    "ui.backdrop": Text("Show on", "Tampilkan di atas"),
    "ui.backdrop.checker": Text("Checkerboard", "Kotak-kotak"),
    "ui.backdrop.white": Text("White", "Putih"),
    "ui.backdrop.black": Text("Black", "Hitam"),
    "ui.backdrop.colour": Text("Colour", "Warna"),
    # The stage.
    "ui.picture": Text("The picture", "Gambar"),
    "ui.zoom_in": Text("Zoom in", "Perbesar"),
    "ui.zoom_out": Text("Zoom out", "Perkecil"),
    "ui.zoom_full": Text("To 100 %: the picture's own pixels", "Ke 100 %: piksel asli gambar"),
    "ui.zoom_fit": Text("Show the whole picture", "Tampilkan seluruh gambar"),
    "ui.zoom_keys": Text(
        "Plus and minus zoom, 0 shows all of it, 1 its own pixels; the arrow keys move what is zoomed in.",
        "Plus dan minus mengubah perbesaran, 0 menampilkan semuanya, 1 piksel aslinya; tombol panah menggeser "
        "gambar yang diperbesar.",
    ),
    "ui.framing.doing": Text(
        "Drag the picture in its frame; scroll or pinch to zoom.",
        "Geser gambar di dalam bingkainya; gulir atau cubit untuk memperbesar.",
    ),
    "ui.guide.crown": Text("Crown", "Ubun-ubun"),
    "ui.guide.eyes": Text("Eyes", "Mata"),
    "ui.guide.chin": Text("Chin", "Dagu"),
    "ui.people": Text("Whose ID photo", "Pas foto siapa"),
    "ui.choose_person": Text("Choose this person", "Pilih orang ini"),
    # Touch up.
    "ui.touch.doing": Text("Paint roughly; it finds the edge.", "Sapukan kira-kira saja; tepinya dicari sendiri."),
    "ui.touch.picture": Text(
        "Your photo; what is removed is grey and hatched", "Foto Anda; bagian yang dibuang tampak abu-abu bergaris"
    ),
    "ui.touch.brush": Text("Brush", "Kuas"),
    "ui.touch.keep": Text("Keep", "Pertahankan"),
    "ui.touch.erase": Text("Erase", "Hapus"),
    "ui.touch.size": Text("Brush size", "Ukuran kuas"),
    "ui.redo": Text("Redo", "Ulangi"),
    "ui.touch.clear": Text("Clear strokes", "Hapus semua sapuan"),
    "ui.touch.largest_piece": Text("Largest piece only", "Hanya bagian terbesar"),
    "ui.touch.fill_holes": Text("Fill holes", "Isi lubang"),
    "ui.touch.strokes": Text("Strokes", "Sapuan"),
    "ui.touch.none": Text("No strokes yet", "Belum ada sapuan"),
    "ui.touch.full": Text(
        "That is as many strokes as there can be: 500. Undo some, or clear them.",
        "Sapuan sudah mencapai batas, 500. Urungkan sebagian, atau hapus semua.",
    ),
    "ui.touch.drawing": Text(
        "Drawing: the arrow keys draw, Space ends the stroke, Escape drops it.",
        "Menyapu: tombol panah menggambar, Spasi mengakhiri sapuan, Escape membatalkannya.",
    ),
    "ui.touch.copy": Text("Copy strokes", "Salin sapuan"),
    "ui.touch.copy_info": Text(
        "As JSON, for the API, Python and the command line", "Sebagai JSON, untuk API, Python, dan baris perintah"
    ),
    "ui.touch.copied": Text(
        "The strokes are on the clipboard, as JSON.", "Sapuan sudah disalin ke papan klip, sebagai JSON."
    ),
    "ui.touch.how": Text(
        "A tap on a piece takes all of it, and one on a hole fills it. Zoom in to paint exactly.",
        "Satu ketukan pada suatu bagian memilih seluruhnya, pada lubang mengisinya. "
        "Perbesar untuk menyapu dengan tepat.",
    ),
    "ui.touch.keys": Text(
        "Keys on the picture: arrows move the brush (Shift: further), Space begins and ends a stroke, K and E choose "
        "the brush, [ and ] its size, Ctrl+Z undoes. With a mouse, hold Space to move the picture.",
        "Tombol di gambar: panah menggerakkan kuas (Shift: lebih jauh), Spasi memulai dan mengakhiri sapuan, K dan E "
        "memilih kuas, [ dan ] ukurannya, Ctrl+Z mengurungkan. Dengan tetikus, tahan Spasi untuk menggeser gambar.",
    ),
    "ui.download": Text("Download PNG", "Unduh PNG"),
    "ui.download_size": Text("Download {kind} · {size}", "Unduh {kind} · {size}"),
    "ui.copy": Text("Copy the picture", "Salin gambar"),
    "ui.copied": Text("The picture is on the clipboard, as PNG.", "Gambar sudah disalin ke papan klip, sebagai PNG."),
    "ui.copy_failed": Text(
        "The picture could not be copied. Download it instead.", "Gambar tidak bisa disalin. Silakan unduh saja."
    ),
    "ui.share": Text("Share the picture", "Bagikan gambar"),
    "ui.share_again": Text(
        "The file is ready now: tap Share once more.", "Berkasnya sudah siap: ketuk Bagikan sekali lagi."
    ),
    "ui.share_failed": Text(
        "The picture could not be shared. Download it instead.", "Gambar tidak bisa dibagikan. Silakan unduh saja."
    ),
    "ui.format": Text("File format", "Format berkas"),
    "ui.limit": Text("File at most", "Berkas paling besar"),
    "ui.limit_info": Text(
        "For forms that take no larger file; leave it empty for the best quality. 1 kB is 1000 bytes.",
        "Untuk formulir yang membatasi besar berkas; kosongkan untuk mutu terbaik. 1 kB adalah 1000 byte.",
    ),
    "ui.limit_name": Text("File size at most, in kB", "Besar berkas paling banyak, dalam kB"),
    "ui.kind_mask": Text("Mask (PNG)", "Siluet (PNG)"),
    "ui.kind_trimap": Text("Trimap (PNG)", "Peta tiga bagian (PNG)"),
    "ui.download_mask": Text("Download mask", "Unduh siluet"),
    # The tools.
    "ui.tools": Text("Tools", "Alat"),
    "ui.subject": Text("Subject", "Objek"),
    "ui.touch": Text("Touch up", "Perbaiki"),
    "ui.did_you_mean": Text("Did you mean …?", "Maksud Anda yang mana?"),
    "ui.incomplete": Text("This may be incomplete.", "Mungkin ada bagian yang terlewat."),
    "ui.incomplete_touch": Text("Touch it up", "Perbaiki"),
    # Finishing.
    "ui.finishing": Text("Finish the picture", "Sempurnakan gambar"),
    "ui.background": Text("Background", "Latar"),
    "ui.crop_size": Text("Crop & size", "Potong & ukuran"),
    "ui.undo": Text("Undo", "Urungkan"),
    "ui.reset_look": Text("Reset", "Setel ulang"),
    "ui.reset_look_info": Text("Reset to the plain cutout", "Kembali ke hasil awal tanpa latar"),
    "ui.transparent": Text("Transparent", "Transparan"),
    "ui.white": Text("White", "Putih"),
    "ui.color": Text("Colour", "Warna"),
    "ui.any_color": Text("Any colour", "Warna lain"),
    "ui.blur": Text("Blurred photo", "Foto diburamkan"),
    "ui.blur_strength": Text("Blur", "Tingkat buram"),
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
    "ui.color.white": Text("White", "Putih"),
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
    "ui.crop.tight": Text("Tight", "Rapat ke objek"),
    "ui.crop.market": Text("Marketplace", "Lokapasar"),
    "ui.crop.market_info": Text(
        "Square with a margin, as online shops like it", "Persegi dengan jarak tepi, pas untuk toko daring"
    ),
    "ui.preset": Text("For a shop or an app", "Untuk toko atau aplikasi"),
    "ui.id_photo": Text("ID photo", "Pas foto"),
    "ui.id_color": Text("ID photo background", "Latar pas foto"),
    "ui.sheet": Text("Print on", "Cetak di kertas"),
    "ui.sheet.none": Text("No sheet", "Tanpa lembar"),
    "ui.prints": Text("Fill with", "Isi dengan"),
    "ui.prints.this": Text("This size", "Ukuran ini"),
    "ui.prints.usual": Text("4 of 3×4 and 4 of 2×3", "4 foto 3×4 dan 4 foto 2×3"),
    "ui.prints.own": Text("A mix of your own", "Campuran sendiri"),
    "ui.rules": Text("What the photo needs", "Syarat foto"),
    "ui.rules_kept": Text("All of it is met.", "Semuanya terpenuhi."),
    "ui.position": Text("Zoom and position", "Perbesar dan geser"),
    "ui.size": Text("Exact size", "Ukuran persis"),
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
        "Follows single hairs and fur, takes a little longer.", "Mengikuti helai rambut dan bulu, sedikit lebih lama."
    ),
    "ui.expert": Text("Expert settings", "Pengaturan lanjutan"),
    "ui.expert_info": Text(
        "They draw the trimap of “Fine hair”: what is surely subject, surely background, or still to be solved.",
        "Ini mengatur trimap “Rambut halus”: mana yang pasti objek, pasti latar, atau masih harus dihitung.",
    ),
    "ui.expert_needs": Text(
        "They count once “Fine hair” is on.", "Pengaturan ini berlaku setelah “Rambut halus” dinyalakan."
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
    "ui.busy": Text(
        "There is a long line here just now. We try again by ourselves in {seconds} s…",
        "Antreannya sedang panjang. Kami coba lagi sendiri dalam {seconds} detik…",
    ),
    "ui.restarting": Text(
        "The server is being restarted. Your work goes on by itself in a moment…",
        "Server sedang dimulai ulang. Pekerjaan Anda berlanjut sendiri sebentar lagi…",
    ),
    "ui.finding": Text("Finding the subject…", "Mencari objeknya…"),
    "ui.finding_more": Text("Looking closer…", "Melihat lebih teliti…"),
    "ui.refining": Text("Refining the edges…", "Merapikan tepinya…"),
    "ui.composing": Text("Putting the picture together…", "Menyusun gambarnya…"),
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
        "Your photo is deleted from this server within an hour of your last change, and sent nowhere else.",
        "Foto Anda dihapus dari server ini paling lama satu jam setelah perubahan terakhir, "
        "dan tidak dikirim ke mana pun.",
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
    # What the page says of itself.
    "ui.sending": Text("Sending the photo… {percent}%", "Mengirim foto… {percent}%"),
    "ui.offline": Text(
        "No connection just now. Your photo and your choices are kept, and go on as soon as it is back.",
        "Sambungan sedang terputus. Foto dan pilihan Anda tetap ada, dan dilanjutkan begitu tersambung lagi.",
    ),
    # Many photos.
    "ui.so_far": Text("{done} of {total} done", "{done} dari {total} selesai"),
    "ui.all_done": Text("{done} done", "{done} selesai"),
    "ui.all_done_but": Text("{done} done, {failed} failed", "{done} selesai, {failed} gagal"),
    "ui.paused": Text("paused", "dijeda"),
    "ui.seconds_left": Text("about {seconds} s left", "sekitar {seconds} detik lagi"),
    "ui.minutes_left": Text("about {minutes} min left", "sekitar {minutes} menit lagi"),
    "ui.download_zip": Text("Download ZIP · {size}", "Unduh ZIP · {size}"),
    "ui.no_zip_yet": Text("Download ZIP", "Unduh ZIP"),
    "ui.packing": Text("Packing…", "Mengemas…"),
    "ui.many_hint": Text(
        "Many at once? Drop several photos, a folder or a ZIP.",
        "Banyak sekaligus? Taruh beberapa foto, satu folder, atau ZIP.",
    ),
    "ui.many.title": Text("Many photos", "Banyak foto"),
    "ui.many.count": Text("{count} photos", "{count} foto"),
    "ui.many.add": Text("Add photos", "Tambah foto"),
    "ui.many.pause": Text("Pause", "Jeda"),
    "ui.many.go_on": Text("Go on", "Lanjutkan"),
    "ui.many.cancel": Text("Cancel the rest", "Batalkan sisanya"),
    "ui.many.clear": Text("Start over", "Mulai dari awal"),
    "ui.many.really": Text("Really remove all?", "Yakin hapus semua?"),
    "ui.many.show": Text("Show", "Tampilkan"),
    "ui.many.all": Text("All", "Semua"),
    "ui.many.to_check": Text("Please check", "Perlu dicek"),
    "ui.many.failed_ones": Text("Failed", "Gagal"),
    "ui.many.waits": Text("Waiting", "Menunggu"),
    "ui.many.working": Text("Working…", "Sedang dikerjakan…"),
    "ui.many.sending": Text("Sending… {percent}%", "Mengirim… {percent}%"),
    "ui.many.done": Text("Done", "Selesai"),
    "ui.many.touched": Text("Done, with changes of its own", "Selesai, dengan perubahan sendiri"),
    "ui.many.open": Text("Open", "Buka"),
    "ui.many.save": Text("Download", "Unduh"),
    "ui.many.retry": Text("Try again", "Coba lagi"),
    "ui.many.remove": Text("Remove", "Hapus"),
    "ui.many.back": Text("Back to all photos", "Kembali ke semua foto"),
    "ui.many.keep": Text("Keep the changes and go back", "Simpan perubahan dan kembali"),
    "ui.many.discard": Text("Undo the changes to this photo", "Batalkan perubahan foto ini"),
    "ui.try_again": Text("Try again", "Coba lagi"),
    "ui.kind_lossless": Text("WebP, lossless", "WebP, tanpa susut"),
    "facts.own_profile": Text("its own colour profile", "profil warna sendiri"),
}
