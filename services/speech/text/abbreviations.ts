/** Where a full stop after it may be a sentence's as well. */
type Place = "before-name" | "before-number" | "anywhere" | "may-end";

export interface Abbreviation {
  readonly spoken: string;
  /** `before-name`: only before a capital; `before-number`: only before a digit; `may-end`: often a sentence's last word. */
  readonly place: Place;
}

/** Lower case, without the full stop. What is a word of its own too (bul., sok., gör.) counts only before a name and with a capital. */
const dotted: Readonly<Record<Place, Readonly<Record<string, string>>>> = {
  "before-name": {
    av: "Avukat",
    op: "Operatör",
    sn: "Sayın",
    hz: "Hazreti",
    dt: "Diş Tabibi",
    vet: "Veteriner",
    uzm: "Uzman",
    müh: "Mühendis",
    mim: "Mimar",
    ecz: "Eczacı",
    alb: "Albay",
    yzb: "Yüzbaşı",
    gen: "General",
    org: "Orgeneral",
    gör: "Görevlisi",
    üye: "Üyesi",
    gn: "Genel",
    st: "Sankt",
  },
  "before-number": {
    s: "sayfa",
    sf: "sayfa",
    ss: "sayfa",
    m: "madde",
    md: "madde",
    mad: "madde",
    f: "fıkra",
    no: "numara",
    nu: "numara",
    mö: "milattan önce",
    ms: "milattan sonra",
    tel: "telefon",
    gsm: "cep telefonu",
    faks: "faks",
    fax: "faks",
    min: "en az",
    maks: "en çok",
    max: "en çok",
    ort: "ortalama",
    yak: "yaklaşık",
    d: "daire",
    k: "kat",
  },
  anywhere: {
    dr: "Doktor",
    prof: "Profesör",
    doç: "Doçent",
    yrd: "Yardımcı",
    öğr: "Öğretim",
    arş: "Araştırma",
    örn: "örneğin",
    ör: "örneğin",
    bkz: "bakınız",
    bk: "bakınız",
    krş: "karşılaştırınız",
    mah: "Mahallesi",
    mh: "Mahallesi",
    ltd: "Limited",
    tic: "Ticaret",
    san: "Sanayi",
    ünv: "Üniversitesi",
    üniv: "Üniversitesi",
    fak: "Fakültesi",
    böl: "Bölümü",
    hast: "Hastanesi",
    bşk: "Başkanlığı",
    cad: "Caddesi",
    cd: "Caddesi",
    sok: "Sokak",
    sk: "Sokak",
    bul: "Bulvarı",
    bulv: "Bulvarı",
    blv: "Bulvarı",
    apt: "Apartmanı",
  },
  "may-end": {
    vb: "ve benzeri",
    vs: "vesaire",
    vd: "ve diğerleri",
    şti: "Şirketi",
    müd: "Müdürlüğü",
    yy: "yüzyıl",
  },
};
/** Words of their own too: abbreviations only with a capital. */
const needsCapital = new Set(
  "av op sok bul san tic hast bşk vet gen org gör üye gn st mim sn hz böl mah tel ort min ms alb ör fak".split(" "),
);
/** Written in small letters as often, when a number follows. */
const smallBeforeNumber = new Set("tel ort min".split(" "));

const table = new Map<string, Abbreviation>(
  (Object.keys(dotted) as Place[]).flatMap((place) =>
    Object.entries(dotted[place]).map(([word, spoken]) => [word, { spoken, place }] as const),
  ),
);

/** @param word letters without the full stop, as written */
export function dottedAbbreviation(word: string): Abbreviation | undefined {
  if (word.length > 6) return undefined;
  const lower = word.toLocaleLowerCase("tr");
  if (needsCapital.has(lower) && !smallBeforeNumber.has(lower) && word === lower) return undefined;
  return table.get(lower);
}

/** With full stops inside, as written without white space: their reading. */
export const initials: Readonly<Record<string, string>> = {
  "T.C.": "te ce",
  "A.Ş.": "anonim şirketi",
  "A.O.": "anonim ortaklığı",
  "M.Ö.": "milattan önce",
  "M.S.": "milattan sonra",
  "a.g.e.": "adı geçen eser",
  "a.g.m.": "adı geçen makale",
  "P.K.": "posta kutusu",
  "Ö.S.": "öğleden sonra",
  "Ö.Ö.": "öğleden önce",
};

/**
 * Of capitals without full stops: those read letter by letter though they hold a vowel, or often written small ("kdv dahil").
 * Capitals without any vowel are read so anyway; others with a vowel are words (TÜBİTAK, LÜTFEN).
 */
export const letterWise: ReadonlySet<string> = new Set(
  (
    "AB ABB ABD ABS AİHM AKP API ATM ATV AVM AYM AYT AÖF ADSL CHP CMK DNA DSİ EFT EGM EKG EKK EPDK ETF EYT GSMH GSYH GSYİH HAGB HMK " +
    "HGS IBM IMF İBB İETT İİK İK İSG İYUK KDV KHK KKTC KPSS KVKK KYK KİK LGS LPG MEB MHP MHRS MR MSB MTV OGS OSB PTT PVC SGK SMK SPK " +
    "SSK STK TBB TBK TBMM TCDD TCK TCKN TCMB TDK TEB THY TMK TMSF TOBB TRT TSE TSK TTK TV TYT USA VKN YDS YHT YKS YSK ÖSYM ÖTV ÖİV"
  ).split(" "),
);

/** Capitals that are said in a way of their own. */
export const wordWise: Readonly<Record<string, string>> = {
  SMS: "es em es",
  MMS: "em em es",
  CV: "si vi",
  DVD: "di vi di",
  CD: "si di",
  PC: "pi si",
  IP: "ay pi",
  VIP: "vi ay pi",
  VİP: "vi ay pi",
  CEO: "si i o",
  GPS: "ci pi es",
  IT: "ay ti",
  FM: "ef em",
  FBI: "ef bi ay",
  NBA: "en bi ey",
  BMW: "be me ve",
  QR: "kü ar",
  SIM: "sim",
  SİM: "sim",
  PIN: "pin",
  PİN: "pin",
  PUK: "puk",
  IBAN: "iban",
  WIFI: "vay fay",
  WC: "ve ce",
  XL: "iks larç",
  XXL: "iki iks larç",
};
