import { createFacts, createMessageView, createSources } from "../static/message-view.js";

/**
 * What was said, as messages: the caller's words while they come, the reply while it is spoken, and under it who answered.
 * @param {{ list: HTMLElement, how: () => { words: object, nameOf: (sector: string) => string, language: string } }} parts
 */
export function createDialogue({ list, how }) {
  /** Item id → its message. */
  const views = new Map();

  function viewOf(item, role) {
    let view = views.get(item);
    if (view === undefined) {
      const { words } = how();
      view = createMessageView(role, role === "user" ? words.you : words.assistant);
      view.streaming(true);
      views.set(item, view);
      list.append(view.root);
      view.root.scrollIntoView({ block: "nearest" });
    }
    return view;
  }

  return {
    /** Somebody speaks, or is understood better than before. */
    hear(item, text) {
      viewOf(item, "user").replace(text);
    },
    /** The whole of what was said; nothing, if it was no speech. */
    understood(item, text) {
      const view = viewOf(item, "user");
      view.replace(text);
      view.streaming(false);
      if (text.trim() === "") this.forget(item);
    },
    forget(item) {
      views.get(item)?.root.remove();
      views.delete(item);
    },
    /** A piece of the reply, a little before it is heard. */
    answer(item, piece) {
      const view = viewOf(item, "assistant");
      view.append(piece);
      view.root.scrollIntoView({ block: "nearest" });
    },
    showFacts: (item, facts) => viewOf(item, "assistant").showFacts(createFacts(facts, how())),
    showSources: (item, sources, over) => viewOf(item, "assistant").showSources(createSources(sources, how(), over)),
    note: (item, sentence) => viewOf(item, "assistant").note(sentence),
    takeBackNote: (item) => views.get(item)?.root.querySelector(".note")?.remove(),
    fail: (item, sentence) => viewOf(item, "assistant").fail(sentence),
    over: (item) => views.get(item)?.streaming(false),
    /** Nothing more comes: the session is gone. */
    allOver() {
      for (const view of views.values()) view.streaming(false);
    },
  };
}
