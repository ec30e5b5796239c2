"""Recognises sentences that name a private person or a politician, so that the corpus can leave them out.

A rule of thumb, not a guarantee: honorific + capitalised word, two capitalised words in a row of which the first is a
common Turkish given name, ALL-CAPS speaker names and signatures.
"""

import re

_GIVEN_NAMES = """
Abdullah Abdullatif Abdulkadir Abdurrahman Adem Adil Adnan Agah Ahmet Akif Akın Alaattin Ali Alparslan Alper Altan Arif
Asım Aslan Atilla Atila Aydın Ayfer Ayhan Ayla Aynur Aysel Ayşe Ayşen Ayşegül Aytekin Aytun Aytuğ Azmi Aziz Bahattin Bahri
Barış Bayram Bedri Bekir Beyhan Bilal Binali Biltekin Birgen Bihlun Burak Burcu Burhan Bülent Cafer Cahit Can Canan Celal
Celâl Cem Cemal Cemil Cengiz Cevat Cevdet Cevher Cihan Cumali Cüneyt Çetin Demet Deniz Derviş Devlet Didem Doğan Durmuş
Dursun Dilek Ebru Ebubekir Ediz Edip Ekmeleddin Ekrem Elif Emin Emine Emrah Emre Engin Enis Enver Erdal Erdem Erdoğan
Ergin Ergün Erhan Erkan Erkut Erol Ersin Ersönmez Ertuğrul Esat Eşref Ethem Ergun Evren Eyüp Fahri Fahrettin Faik Faruk
Fatih Fatma Fatmanur Ferhat Ferit Ferudun Feridun Fethi Fethullah Fevzi Fikret Fikri Filiz Fuat Galip Garo Gaye Gazi
Gencay Gökcen Gökhan Güldal Gülay Gülsüm Gültan Günay Gürcan Gürsel Haci Hacı Hakan Hakkı Haldun Halide Halil Halis Halit
Haluk Hamdi Hamza Hanifi Harun Hasan Hasip Haşim Hatice Haydar Hayati Hayrettin Hayri Hıdır Hikmet Hilmi Hişyar Hulusi
Hurşit Hüda Hülya Hüseyin Hüsamettin Hüsnü Hüsniye İbrahim İdris İdil İhsan İlhan İlhami İlker İlknur İlyas İmran İsa
İshak İsmail İsmet İzzet Kadir Kamer Kamil Kâmil Kaya Kazım Kâzım Kemal Kemalettin Kenan Keziban Köksal Kutbettin Latif
Leyla Levent Lütfi Lütfü Lütfullah Mahir Mahmut Manukyan Mazhar Mehmet Mehdi Melda Melih Meliha Meral Mert Meryem Mesut
Metin Mevlüt Mihrimah Mine Mithat Muammer Muhammet Muhammed Muharrem Muhittin Muhsin Murat Musa Mustafa Mutlu Muzaffer
Müjdat Mükerrem Müslim Müslüm Naci Nail Namık Nazım Nazlı Nazmi Necati Necdet Necip Necmettin Nedim Nejat Nermin Neşet
Nevzat Nihat Nihal Nilgün Nimet Nizamettin Nuray Nurettin Nuri Nurhayat Nursel Nusret Oğuz Oğuzhan Oktay Oltan Onur Onural
Orhan Osman Oya Ömer Önder Özcan Özgür Özkan Özlem Pervin Ramazan Ramis Rasim Recai Recep Refik Reha Remzi Reşat Reyhan
Rıdvan Rıfat Rıza Ruhsar Rüstem Rüştü Sabahat Sabri Sadık Sadi Saffet Saim Sait Sakine Salih Salim Sami Sebahattin Seda
Sedat Sefa Selahattin Selami Selçuk Selim Selin Selma Sema Semih Sena Senih Serap Sermin Serpil Serkan Seyfettin Seyit
Sezai Sezgin Sıdıka Sıtkı Sinan Sibel Süheyl Süleyman Süreyya Sırrı Şaban Şahin Şakir Şamil Şefik Şehnaz Şenal Şeref Şerif
Şevket Şevki Şinasi Şirin Şükran Şükrü Taha Tahir Tahsin Talat Tamer Tanju Tansel Tansu Taner Tarık Tayfur Tayfun Tayyip
Tekin Temel Timur Tufan Tuğrul Tuncay Tunca Turan Turgay Turgut Turhan Uğur Umut Ufuk Utku Ülkü Ümit Ünal Vahap Vahit Vecdi
Veysel Veli Volkan Vural Yahya Yakup Yalçın Yasin Yaşar Yavuz Yaman Yılmaz Yıldırım Yıldız Yusuf Yüksel Zafer Zehra Zeki
Zekeriya Zeynep Ziya Zühal Zülfikar Zülfü
""".split()

_CAPITAL = "A-ZÇĞİÖŞÜÂÎ"
_LOWER = "a-zçğıöşüâîû"
_WORD = f"[{_CAPITAL}][{_LOWER}]+"

_HONORIFIC = re.compile(
    rf"\b(?:Sayın|Sayin|Sn\.|Dr\.|Prof\.|Doç\.|Av\.|Op\.|Bay|Bayan|Paşa|Hoca)\s*{_WORD}(?:'|’|\s+[{_CAPITAL}])"
)
_FULL_NAME = re.compile(rf"\b(?:{'|'.join(_GIVEN_NAMES)})\s+(?:{_WORD}|[{_CAPITAL}]\.)")
_NAME_BEFORE_TITLE = re.compile(rf"\b(?:{'|'.join(_GIVEN_NAMES)})\s+(?:Bey|Hanım|Efendi)\b")
_SPEAKER = re.compile(rf"\b[{_CAPITAL}]{{3,}}\s+[{_CAPITAL}]{{3,}}\b|\([A-ZÇĞİÖŞÜ][a-zçğıöşü]+\)\s*[–-]")
_SURNAME_IN_CAPITALS = re.compile(rf"\b{_WORD}\s+[{_CAPITAL}]{{4,}}\b")
_HOUSEHOLD_POLITICIANS = re.compile(
    r"\b(?:Erdoğan|Kılıçdaroğlu|Bahçeli|Demirtaş|Öcalan|Ecevit|Demirel|Özal|Erbakan|Çiller|Davutoğlu|Akşener|Gülen|İnönü"
    r"|Menderes|Bayar|Denktaş|Baykal|Yıldırım['’]|Soylu|Albayrak)\b"
)


def names_a_person(sentence: str) -> bool:
    """True where the sentence seems to name a person; also true for some that do not (recall before precision)."""
    return bool(
        _HONORIFIC.search(sentence)
        or _FULL_NAME.search(sentence)
        or _NAME_BEFORE_TITLE.search(sentence)
        or _HOUSEHOLD_POLITICIANS.search(sentence)
    )


def looks_like_speaker_or_signature(sentence: str) -> bool:
    """ALL-CAPS names as the minutes print speakers, or a surname in capitals as letters are signed."""
    return bool(_SPEAKER.search(sentence) or _SURNAME_IN_CAPITALS.search(sentence))
