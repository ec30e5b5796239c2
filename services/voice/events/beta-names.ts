/** The names of the protocol's beta, which clients still send, put into its present ones. Where both stand, the present one counts. */

type Tree = Readonly<Record<string, unknown>>;

const eventTypes: Readonly<Record<string, string>> = { "transcription_session.update": "session.update" };
const formats: Readonly<Record<string, string>> = {
  pcm16: "audio/pcm",
  g711_ulaw: "audio/pcmu",
  g711_alaw: "audio/pcma",
};

/** @param event as it came: an object with a `type`; nothing else of it is trusted */
export function withPresentNames(event: Tree): Tree {
  const said = String(event["type"]);
  const type = eventTypes[said] ?? said;
  switch (type) {
    case "session.update":
      return isTree(event["session"])
        ? { ...event, type, session: session(event["session"], said) }
        : { ...event, type };
    case "response.create":
      return isTree(event["response"]) ? { ...event, response: response(event["response"]) } : event;
    case "conversation.item.create":
      return isTree(event["item"]) ? { ...event, item: item(event["item"]) } : event;
    default:
      return event;
  }
}

function session(beta: Tree, eventType: string): Tree {
  const { input: inputNow, output: outputNow } = treeOf(beta["audio"]);
  const input = {
    ...given("format", format(beta["input_audio_format"])),
    ...given("transcription", beta["input_audio_transcription"]),
    ...given("turn_detection", beta["turn_detection"]),
    ...treeOf(inputNow),
  };
  const output = {
    ...given("format", format(beta["output_audio_format"])),
    ...given("voice", beta["voice"]),
    ...given("speed", beta["speed"]),
    ...treeOf(outputNow),
  };
  return {
    ...withModalities(beta),
    type: beta["type"] ?? (eventType === "session.update" ? "realtime" : "transcription"),
    ...given("audio", audio(beta["audio"], input, output)),
  };
}

function response(beta: Tree): Tree {
  const output = {
    ...given("format", format(beta["output_audio_format"])),
    ...given("voice", beta["voice"]),
    ...treeOf(treeOf(beta["audio"])["output"]),
  };
  const input = beta["input"];
  return {
    ...withModalities(beta),
    ...given("audio", audio(beta["audio"], {}, output)),
    ...(Array.isArray(input) ? { input: input.map((one) => (isTree(one) ? item(one) : one)) } : {}),
  };
}

/** `text` and `audio` were content types of all roles. */
function item(beta: Tree): Tree {
  const { role, content } = beta;
  if (!Array.isArray(content)) return beta;
  const side = role === "assistant" ? "output" : "input";
  return {
    ...beta,
    content: content.map((part) => {
      if (!isTree(part)) return part;
      return part["type"] === "text" || part["type"] === "audio" ? { ...part, type: `${side}_${part["type"]}` } : part;
    }),
  };
}

function withModalities(beta: Tree): Tree {
  const { modalities, max_response_output_tokens: most, ...others } = beta;
  // The beta asked for text with its audio; now the text comes anyway.
  const one = Array.isArray(modalities) && modalities.includes("audio") ? ["audio"] : modalities;
  return { ...given("output_modalities", one), ...given("max_output_tokens", most), ...others };
}

function format(name: unknown): unknown {
  if (typeof name !== "string") return name;
  return { type: formats[name] ?? name };
}

/** What is no object stays as it is, so that it is refused by its own name. */
function audio(now: unknown, input: Tree, output: Tree): unknown {
  if (now !== undefined && !isTree(now)) return now;
  const whole = {
    ...(Object.keys(input).length === 0 ? {} : { input }),
    ...(Object.keys(output).length === 0 ? {} : { output }),
  };
  return Object.keys(whole).length === 0 ? now : { ...treeOf(now), ...whole };
}

function given(name: string, value: unknown): Tree {
  return value === undefined ? {} : { [name]: value };
}

function treeOf(value: unknown): Tree {
  return isTree(value) ? value : {};
}

export function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
