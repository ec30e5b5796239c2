/**
 * The replies as the server tells them, one at a time: words to the dialogue, sound to the loudspeaker, who answers and by what under it.
 * @param parts dialogue · memory {remember} · how(): {words} · say(sentence): tells a failure · read(text): a reply that nobody hears ·
 *   play(item, base64)
 */
export function createReplies({ dialogue, memory, how, say, read, play }) {
  /** The response that is being made: {id, first, item, facts, sources}; first: of which it is the rest; its item comes a little later. */
  let reply;
  /** The one that was cut off last; nobody may have meant to. */
  let cut;

  function show(over) {
    const { item, facts, sources } = reply;
    if (item === undefined) return;
    if (facts !== undefined) dialogue.showFacts(item, facts);
    if (sources !== undefined) dialogue.showSources(item, sources, over);
  }

  function begin({ id, metadata }) {
    const first = metadata?.x_resumes ?? id;
    reply = { id, first };
    if (first === id || cut?.first !== first) return;
    // A cough was taken for an interruption: it goes on where it was.
    reply.facts = cut.facts;
    if (cut.item !== undefined) dialogue.takeBackNote(cut.item);
  }

  function end({ id, status }) {
    if (reply?.id !== id) return;
    const { item, facts } = reply;
    // Complete, it can be judged: the link to the form stands where times would.
    if (facts !== undefined) reply.facts = { ...facts, timings: {} };
    show(true);
    if (status === "cancelled") cut = reply;
    reply = undefined;
    if (status === "failed") say(how().words.failed);
    if (item === undefined) return;
    if (status === "cancelled") dialogue.note(item, how().words.cutOff);
    if (status === "incomplete") dialogue.note(item, how().words.cut);
    dialogue.over(item);
  }

  return {
    get isComing() {
      return reply !== undefined;
    },
    /** Of the reply that is coming; undefined where there is none. */
    get item() {
      return reply?.item;
    },
    forget() {
      reply = cut = undefined;
    },
    /** What the server's events mean here. */
    meanings: {
      "response.created": ({ response }) => begin(response),
      "x.sector": (facts) => {
        memory.remember("session", facts.session_id);
        if (reply?.first !== facts.response_id) return;
        reply.facts = facts;
        show(false);
      },
      "x.sources": ({ response_id: id, sources }) => {
        if (reply?.first !== id) return;
        reply.sources = sources;
        show(false);
      },
      "response.output_item.added": ({ response_id: id, item }) => {
        if (reply?.id !== id || item.type !== "message") return;
        reply.item = item.id;
        show(false);
      },
      "response.output_audio_transcript.delta": ({ item_id: item, delta }) => dialogue.answer(item, delta),
      "response.output_text.delta": ({ item_id: item, delta }) => dialogue.answer(item, delta),
      "response.output_text.done": ({ text }) => read(text),
      "response.output_audio.delta": ({ item_id: item, delta }) => play(item, delta),
      "response.done": ({ response }) => end(response),
    },
  };
}
