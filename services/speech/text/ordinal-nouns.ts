const nouns =
  "Dünya|Hukuk|Ceza|Asliye|Sulh|Aile|İcra|İdare|Vergi|Tüketici|Ağır|Noter|Daire|Kat|Sınıf|Bölge|Köprü|Levent|Cadde|Sokak|Blok|Etap|Kısım|Bölüm|Madde|" +
  "Fıkra|Organize|Ordu|Kolordu|Lig|Ulusal|Uluslararası|Dönem|Grup|Şube|Çeyrek|Nesil|Yüzyıl|Abdülham|Mehme|Mura|Selim|Mahmu|Ahme|Mustafa|Osman|" +
  "HD(?!\\p{L})|CD(?!\\p{L})|Süleyman|Bayezi|Beyazı|Elizabeth|Charles|Louis|Nikola|Wilhelm|Katerina|Petro|Olağan|Cild|Cilt|Haçlı|Viyana|İnönü|Meşrutiyet|Balkan|Körfez";

/** At the beginning of what follows a number and its full stop: a name that is counted ("19. Hukuk Dairesi", "II. Mehmet"). */
export const ordinalNoun = new RegExp(`^\\s{0,2}(?:${nouns})`, "u");
