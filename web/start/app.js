/** The start page: wires the form, the conversation and the server together. */
import { ApiFailure, createChatApi } from "./chat-api.js";
import { createConversation } from "./conversation.js";
import { element } from "./message-view.js";
import { showLanguageSwitch, showPageWords, showSectors } from "./page-words.js";
import { recall, remember } from "./tab-memory.js";
import { examples, texts } from "./texts.js";

const $ = (id) => document.getElementById(id);
const page = {
  state: $("server-state"),
  welcome: $("welcome"),
  examples: $("examples"),
  messages: $("messages"),
  composer: $("composer"),
  message: $("message"),
  sector: $("sector"),
  send: $("send"),
  stop: $("stop"),
  newConversation: $("new-conversation"),
  keyForm: $("key-form"),
  key: $("api-key"),
  language: $("language"),
  announcer: $("announcer"),
};

let language = recall("language") === "en" ? "en" : "tr";
let sectors = [];

const nameOf = (id) => sectors.find((sector) => sector.id === id)?.name[language] ?? id;
const how = () => ({ words: texts[language], nameOf, language });
const api = createChatApi({ key: () => recall("key"), language: () => language });
const conversation = createConversation({
  list: page.messages,
  api,
  memory: { recall, remember },
  say: (text) => {
    page.announcer.textContent = text;
  },
  how,
  onBusy: (busy) => {
    page.stop.hidden = !busy;
    page.send.hidden = busy;
    showWelcome();
    if (!busy) page.message.focus();
  },
  onKeyWanted: (message) => {
    page.message.value = message;
    askForKey();
  },
});

function send(message) {
  if (conversation.busy || message.trim() === "") return;
  page.message.value = "";
  void conversation.send(message, page.sector.value);
  showWelcome();
}

function showWelcome() {
  page.welcome.hidden = page.messages.childElementCount > 0;
}

function askForKey() {
  page.keyForm.hidden = false;
  page.key.focus();
}

function showTexts() {
  const words = texts[language];
  showPageWords(words, language);
  showLanguageSwitch(page.language, words.languageSwitch);
  page.examples.replaceChildren(
    ...examples.map(({ sector, question }) => {
      const button = element("button", "", question);
      button.type = "button";
      button.lang = "tr";
      button.append(element("small", "", nameOf(sector)));
      button.addEventListener("click", () => send(question));
      const item = element("li");
      item.append(button);
      return item;
    }),
  );
  showSectors(page.sector, sectors, language);
}

async function showServerState() {
  const words = texts[language];
  try {
    const { ready, model, adapters } = await api.health();
    page.state.dataset.state = ready ? "ready" : "down";
    page.state.textContent = ready ? words.ready(model, adapters) : words.down;
  } catch {
    page.state.dataset.state = "down";
    page.state.textContent = words.outOfReach;
  }
}

/** Sectors and the kept conversation; both may need the key. */
async function loadFromServer() {
  try {
    sectors = await api.sectors();
    page.keyForm.hidden = true;
    showTexts();
    if (page.messages.childElementCount === 0) await conversation.restore();
  } catch (fault) {
    if (fault instanceof ApiFailure && fault.status === 401) askForKey();
  }
  showWelcome();
}

page.composer.addEventListener("submit", (event) => {
  event.preventDefault();
  send(page.message.value);
});
page.message.addEventListener("keydown", (event) => {
  // While an input method composes a letter, Enter ends the letter, not the message.
  if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
  event.preventDefault();
  send(page.message.value);
});
document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") conversation.stop();
});
page.stop.addEventListener("click", () => conversation.stop());
page.newConversation.addEventListener("click", () => {
  conversation.startOver();
  page.message.focus();
});
page.keyForm.addEventListener("submit", async (event) => {
  event.preventDefault();
  remember("key", page.key.value.trim());
  page.key.value = "";
  await loadFromServer();
  if (page.keyForm.hidden) page.message.focus();
});
page.language.addEventListener("click", () => {
  language = texts[language].languageSwitch.language;
  remember("language", language);
  showTexts();
  void showServerState();
});

showTexts();
await Promise.all([showServerState(), loadFromServer()]);
