import { texts as startTexts } from "../static/texts.js";

/** Every sentence of the page in both languages, on top of what it shares with the start page. */
const turkish = {
  ...startTexts.tr,
  skip: "Görüşme düğmesine geç",
  title: "Sesli görüşme",
  tagline: "Konuşun; sektörünüz sesli yanıtlasın.",
  linkChat: "Yazışma",
  welcomeTitle: "Görüşmeye başlayın",
  welcomeText:
    "Sorunuzu söyleyin; sustuğunuzda yanıt başlar. Yanıt sürerken konuşursanız susar ve sizi dinler. Kulaklık, hoparlörden gelen sesin karışmasını önler.",
  desk: "Görüşme",
  open: "Görüşmeyi başlat",
  close: "Görüşmeyi bitir",
  hold: "Konuşurken basılı tutun",
  interrupt: "Sözünü kes",
  byHand: "Bas-konuş",
  deskHint: "Esc sözünü keser. Bas-konuşta boşluk tuşunu basılı tutun.",
  synthetic: "Gömülü konuşma tanıma yalnızca sentetik sesle eğitildi: insan sesini yanlış anlayabilir.",
  states: {
    off: "Kapalı",
    opening: "Bağlanılıyor",
    waiting: "Düğmeye basın",
    listening: "Dinliyor",
    hearing: "Siz konuşuyorsunuz",
    thinking: "Düşünüyor",
    speaking: "Asistan konuşuyor",
  },
  cutOff: "Sözü kesildi; konuşmada yalnızca duyulan kısım kaldı.",
  failed: "Yanıt verilemedi; lütfen yeniden deneyin.",
  nothingHeard: "Bir söz anlaşılmadı; lütfen yeniden söyleyin.",
  notOpened: "Sunucu görüşmeyi açmadı: ses kapalı, yer dolu ya da anahtarınızın ses yetkisi yok.",
  closed: (code) => `Bağlantı kapandı (${code}).`,
  microphone: {
    insecure: "Tarayıcı mikrofonu yalnızca https ya da localhost adreslerinde açar.",
    refused: "Mikrofona izin verilmedi. Adres çubuğundan izin verip yeniden deneyin.",
    missing: "Mikrofon bulunamadı.",
    broken: "Bu tarayıcıda ses açılamadı.",
  },
};

const english = {
  ...startTexts.en,
  skip: "Skip to the talk button",
  title: "Voice",
  tagline: "Speak; your sector answers aloud.",
  linkChat: "Chat",
  welcomeTitle: "Start talking",
  welcomeText:
    "Say your question, in Turkish; the reply begins when you fall silent. Speak while it goes on and it stops to listen. A headset keeps the loudspeaker out of the microphone.",
  desk: "Call",
  open: "Start talking",
  close: "Hang up",
  hold: "Hold while you speak",
  interrupt: "Interrupt",
  byHand: "Push to talk",
  deskHint: "Esc interrupts. With push to talk, hold the space bar.",
  synthetic: "The embedded speech recognition was trained on synthetic speech alone: it may misunderstand people.",
  states: {
    off: "Off",
    opening: "Connecting",
    waiting: "Press the button",
    listening: "Listening",
    hearing: "You are speaking",
    thinking: "Thinking",
    speaking: "The assistant is speaking",
  },
  cutOff: "Interrupted; the conversation keeps only what was heard.",
  failed: "There is no reply; please try again.",
  nothingHeard: "No words were understood; please say it again.",
  notOpened: "The server did not open a session: voice is off, all places are taken, or your key may not use voice.",
  closed: (code) => `The connection closed (${code}).`,
  microphone: {
    insecure: "Browsers open the microphone on https or localhost addresses only.",
    refused: "The microphone was not allowed. Allow it at the address bar and try again.",
    missing: "No microphone was found.",
    broken: "Sound could not be opened in this browser.",
  },
};

export const texts = { tr: turkish, en: english };
