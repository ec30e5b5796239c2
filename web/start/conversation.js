import { ApiFailure } from "./chat-api.js";
import { createFacts, createMessageView, createSources } from "./message-view.js";

/**
 * The conversation on the page: sends one turn at a time, shows what comes back, can be stopped and begun anew.
 * @param parts list: where messages go · api · memory {recall, remember} · say(text) · how(): {words, nameOf, language} ·
 *   onBusy(busy) · onKeyWanted(message): the server asked for a key
 */
export function createConversation({ list, api, memory, say, how, onBusy, onKeyWanted }) {
  let running;

  function add(role) {
    const { words } = how();
    const view = createMessageView(role, role === "user" ? words.you : words.assistant);
    list.append(view.root);
    return view;
  }

  async function receive(turn, reply, signal) {
    const { words, nameOf } = how();
    for await (const { event, data } of api.chat(turn, signal)) {
      if (event === "routing") {
        reply.showFacts(createFacts(data, how()));
        reply.showSources(createSources(data.sources, how(), false));
        say(words.writing(data.sector === null ? words.noSector : nameOf(data.sector)));
      } else if (event === "delta") {
        const follows = nearBottom();
        reply.append(data.text);
        if (follows) scrollToEnd();
      } else if (event === "end") {
        memory.remember("session", data.session_id ?? "");
        reply.showFacts(createFacts(data, how()));
        reply.showSources(createSources(data.sources, how(), true));
        if (data.finish_reason === "length") reply.note(words.cut);
        say(data.response);
      }
    }
  }

  return {
    get busy() {
      return running !== undefined;
    },

    stop: () => running?.abort(),

    /** Takes one turn; every failure is told in the conversation. */
    async send(message, sector) {
      if (running !== undefined) return;
      const turnIsOver = new AbortController();
      running = turnIsOver;
      onBusy(true);
      const asked = add("user");
      asked.append(message);
      const reply = add("assistant");
      reply.streaming(true);
      scrollToEnd();
      say(how().words.waiting);
      const session = memory.recall("session");
      const turn = {
        message,
        ...(sector === "" ? {} : { sector }),
        ...(session === "" ? {} : { session_id: session }),
      };
      try {
        await receive(turn, reply, turnIsOver.signal);
      } catch (fault) {
        if (running !== turnIsOver) return;
        // It has expired, or is another key's: the next message begins anew.
        if (fault instanceof ApiFailure && fault.code === "session_not_found") memory.remember("session", "");
        tell(fault, turnIsOver.signal, reply, asked, message);
      } finally {
        if (running === turnIsOver) {
          running = undefined;
          reply.streaming(false);
          onBusy(false);
        }
        scrollToEnd();
      }
    },

    /** Forgets the session and clears the page. */
    startOver() {
      const left = running;
      running = undefined;
      left?.abort();
      memory.remember("session", "");
      list.replaceChildren();
      onBusy(false);
      say(how().words.startedOver);
    },

    /** Shows what the server kept of this tab's session. */
    async restore() {
      const session = memory.recall("session");
      if (session === "") return;
      try {
        const { messages } = await api.session(session);
        for (const { role, content, sector, adapter } of messages) {
          const view = add(role === "user" ? "user" : "assistant");
          view.append(content);
          if (role === "assistant") view.showFacts(createFacts({ sector, adapter: parseAdapter(adapter) }, how()));
        }
        scrollToEnd();
      } catch (fault) {
        if (fault instanceof ApiFailure && fault.status === 404) memory.remember("session", "");
      }
    },
  };

  function tell(fault, signal, reply, asked, message) {
    const { words } = how();
    if (signal.aborted) {
      reply.note(words.stopped);
      say(words.stopped);
    } else if (fault instanceof ApiFailure && fault.status === 401) {
      asked.root.remove();
      reply.root.remove();
      onKeyWanted(message);
    } else {
      const sentence = inWords(fault, words);
      reply.fail(sentence);
      say(sentence);
    }
  }
}

/** What went wrong, as one would say it. */
function inWords(fault, words) {
  if (!(fault instanceof ApiFailure)) return words.brokenReply;
  const said = {
    problem: fault.detail,
    unreachable: words.unreachable,
    broken: words.brokenReply,
    unreadable: words.unreadable(fault.status),
  }[fault.kind];
  return fault.retryAfterS === undefined ? said : `${said} ${words.retryAfter(fault.retryAfterS)}`;
}

/** `name@version` as the session keeps it, or null. */
function parseAdapter(id) {
  const at = id?.lastIndexOf("@") ?? -1;
  return at < 0 ? null : { name: id.slice(0, at), version: id.slice(at + 1) };
}

function nearBottom() {
  const { scrollHeight, scrollTop, clientHeight } = document.documentElement;
  return scrollHeight - scrollTop - clientHeight < 160;
}

function scrollToEnd() {
  window.scrollTo({ top: document.documentElement.scrollHeight });
}
