/** The voice page: wires the microphone, the conversation and the server together. */
import { ApiFailure, createChatApi } from "../static/chat-api.js";
import { showLanguageSwitch, showPageWords, showSectors } from "../static/page-words.js";
import { recall, remember } from "../static/tab-memory.js";
import { createDialogue } from "./dialogue.js";
import { createTalk } from "./talk.js";
import { texts } from "./texts.js";
import { createVisualiser } from "./visualiser.js";

const $ = (id) => document.getElementById(id);
const page = {
  welcome: $("welcome"),
  messages: $("messages"),
  presence: document.querySelector(".presence"),
  state: $("state"),
  talk: $("talk"),
  hold: $("hold"),
  interrupt: $("interrupt"),
  sector: $("sector"),
  byHand: $("by-hand"),
  keyForm: $("key-form"),
  key: $("api-key"),
  language: $("language"),
  announcer: $("announcer"),
  reader: $("reader"),
  synthetic: $("synthetic"),
};

let language = recall("language") === "en" ? "en" : "tr";
let sectors = [];
let state = "off";

const words = () => texts[language];
const nameOf = (id) => sectors.find((sector) => sector.id === id)?.name[language] ?? id;
const api = createChatApi({ key: () => recall("key"), language: () => language });
const visualiser = createVisualiser($("waves"));
const how = () => ({ words: words(), nameOf, language });
const talk = createTalk({
  dialogue: createDialogue({ list: page.messages, how }),
  api,
  memory: { recall, remember },
  choice: () => ({ sector: page.sector.value, byHand: page.byHand.checked }),
  how,
  say: (sentence) => {
    page.announcer.textContent = sentence;
  },
  read: (text) => {
    page.reader.textContent = text;
  },
  onSound: (sound) => visualiser.show(sound),
  onState: (now) => {
    state = now;
    showState();
  },
  onKeyWanted: askForKey,
  onByHandOnly: () => {
    page.byHand.checked = true;
  },
  onSyntheticOnly: (so) => {
    page.synthetic.hidden = !so;
  },
});

function showState() {
  page.presence.dataset.state = state;
  page.state.textContent = words().states[state];
  const isOpen = state !== "off";
  page.talk.textContent = isOpen ? words().close : words().open;
  page.talk.classList.toggle("stop", isOpen);
  page.hold.hidden = !(isOpen && page.byHand.checked);
  page.hold.setAttribute("aria-pressed", String(state === "hearing"));
  page.interrupt.hidden = state !== "speaking";
  page.welcome.hidden = page.messages.childElementCount > 0;
}

function askForKey() {
  page.keyForm.hidden = false;
  page.key.focus();
}

function showTexts() {
  showPageWords(words(), language);
  showLanguageSwitch(page.language, words().languageSwitch);
  showSectors(page.sector, sectors, language);
  showState();
}

/** The names of the sectors; may need the key. */
async function loadSectors() {
  try {
    sectors = await api.sectors();
    page.keyForm.hidden = true;
    showTexts();
  } catch (fault) {
    if (fault instanceof ApiFailure && fault.status === 401) askForKey();
  }
}

page.talk.addEventListener("click", () => {
  page.announcer.textContent = "";
  if (state === "off") void talk.open();
  else talk.close();
});
page.interrupt.addEventListener("click", () => talk.interrupt());
page.sector.addEventListener("change", () => talk.chosen());
page.byHand.addEventListener("change", () => talk.chosen());

page.hold.addEventListener("pointerdown", (event) => {
  // The finger may slide off the button while it is down.
  page.hold.setPointerCapture(event.pointerId);
  talk.press();
});
for (const end of ["pointerup", "pointercancel", "blur"]) page.hold.addEventListener(end, () => talk.release());
page.hold.addEventListener("contextmenu", (event) => event.preventDefault());
page.hold.addEventListener("keydown", (event) => {
  if ((event.key === " " || event.key === "Enter") && !event.repeat) talk.press();
});
page.hold.addEventListener("keyup", (event) => {
  if (event.key === " " || event.key === "Enter") talk.release();
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") talk.interrupt();
});
addEventListener("pagehide", () => talk.close());

page.keyForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  remember("key", page.key.value.trim());
  page.key.value = "";
  await loadSectors();
  if (page.keyForm.hidden) page.talk.focus();
});
page.language.addEventListener("click", () => {
  language = texts[language].languageSwitch.language;
  remember("language", language);
  showTexts();
});

showTexts();
await loadSectors();
