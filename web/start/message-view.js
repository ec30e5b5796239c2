/** @returns an element with text in it; text is never read as markup */
export function element(tag, className, text) {
  const made = document.createElement(tag);
  if (className) made.className = className;
  if (text !== undefined) made.textContent = text;
  return made;
}

/**
 * One message of the conversation.
 * @param {"user" | "assistant"} role
 * @param {string} who whose name stands above it
 */
export function createMessageView(role, who) {
  const root = element("li", `message ${role}`);
  const text = element("div", "text");
  text.lang = "tr";
  root.append(element("div", "who", who), text);
  let facts;
  let sources;
  return {
    root,
    get text() {
      return text.textContent;
    },
    append: (piece) => text.append(piece),
    replace: (whole) => {
      text.textContent = whole;
    },
    streaming: (on) => root.classList.toggle("streaming", on),
    /** Replaces what is said about the reply: sector, adapter, speed. */
    showFacts(made) {
      facts?.remove();
      facts = made;
      root.append(made);
    },
    /** Replaces the list of documents the reply could rest on. */
    showSources(made) {
      sources?.remove();
      sources = made;
      if (made !== undefined) root.insertBefore(made, facts ?? null);
    },
    note: (sentence) => root.insertBefore(element("p", "note", sentence), facts ?? null),
    fail: (sentence) => root.insertBefore(element("p", "failure", sentence), facts ?? null),
  };
}

/**
 * Under a reply: sector, confidence, who decided, adapter, tokens a second, the alternatives.
 * @param reply `routing` or `end` data of the stream
 * @param {{ words: object, nameOf: (sector: string) => string, language: string }} how
 */
export function createFacts(reply, { words, nameOf, language }) {
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
  const number = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
  const root = element("div", "facts");
  const { sector, confidence, routed_by: routedBy, adapter, alternatives = [], timings } = reply;
  root.append(element("span", "sector", sector === null ? words.noSector : nameOf(sector)));

  if (confidence !== undefined && sector !== null) {
    const meter = element("meter");
    meter.value = confidence;
    const sure = element("span", "confidence", words.confidence(percent.format(confidence)));
    meter.setAttribute("aria-label", sure.textContent);
    root.append(sure, meter);
  }
  if (routedBy !== undefined) root.append(element("span", "routed-by", words.routedBy[routedBy] ?? routedBy));

  const served = element("span", "adapter");
  if (adapter === null) served.textContent = words.baseOnly;
  else served.append(`${words.adapter} `, element("code", "", `${adapter.name}@${adapter.version}`));
  root.append(served);

  const speed = timings?.predicted_per_second;
  if (Number.isFinite(speed)) root.append(element("span", "speed", words.speed(number.format(speed))));

  // Only a finished reply can be judged; one read back from a session brings no id along.
  if (timings !== undefined && reply.message_id) {
    const about = new URLSearchParams({ message_id: reply.message_id, session_id: reply.session_id ?? "" });
    if (sector !== null) about.set("sector", sector);
    const link = element("a", "judge", words.judge);
    link.href = `feedback?${about}`;
    root.append(link);
  }

  if (alternatives.length > 0) {
    const list = element("ul");
    for (const other of alternatives) {
      list.append(element("li", "", `${nameOf(other.sector)} — ${percent.format(other.confidence)}`));
    }
    const details = element("details");
    details.append(element("summary", "", words.alternatives), list);
    root.append(details);
  }
  return root;
}

/**
 * Above the facts: the documents that stood in the prompt, by the numbers the reply cites; those it did not cite are marked.
 * @param sources `sources` of the stream's `routing` or `end`
 * @param {{ words: object }} how
 * @param {boolean} over the reply has ended: what it has not cited it does not cite
 * @returns undefined where there are none
 */
export function createSources(sources = [], { words }, over) {
  if (sources.length === 0) return undefined;
  const root = element("div", "sources");
  const list = element("ol");
  for (const { title, source, cited } of sources) {
    const item = element("li", cited ? "cited" : "", title);
    item.lang = "tr";
    if (source) item.append(element("span", "origin", ` — ${source}`));
    if (over && !cited) item.append(element("span", "origin", ` (${words.notCited})`));
    list.append(item);
  }
  root.append(element("div", "", words.sources), list);
  return root;
}
