import { SaxesParser, type SaxesTagPlain } from "saxes";
import { SsmlInvalidError } from "./errors.ts";
import type { Prosody, SpeechSegment } from "./segment.ts";
import { breakMs, emphasized, SsmlValueError, withProsody } from "./ssml-attributes.ts";
import { SsmlSpeech } from "./ssml-speech.ts";

/** More is an attack, not a text. */
const maxCharacters = 100_000;
const maxDepth = 32;
const maxPauseMs = 60_000;
const paragraphPauseMs = 600;
const sentencePauseMs = 300;

interface Open {
  readonly name: string;
  readonly prosody: Prosody;
  /** Of `say-as`: how its text is read; of `sub`: what is said instead. */
  readonly sayAs?: { readonly interpretAs: string; readonly format: string };
  readonly alias?: string;
}

/**
 * A subset of SSML 1.1: `speak`, `break` (time, strength), `prosody` (rate, pitch, volume), `emphasis`, `say-as` (interpret-as, format),
 * `sub` (alias); `p` and `s` pause. The text of other elements is read. Values SSML allows but no voice here can keep (a pitch in Hz) change nothing.
 * @param prosody what the text starts with
 * @throws {SsmlInvalidError} not well-formed, a document type, an entity of its own, an illegal value; larger than 100 000 characters, deeper
 *   than 32 elements, or more than a minute of breaks
 */
export function parseSsml(ssml: string, prosody: Prosody): readonly SpeechSegment[] {
  const parser = new SaxesParser<{ xmlns: false }>({ xmlns: false });
  const fail = (en: string, tr: string): never => {
    throw new SsmlInvalidError({ en, tr }, parser.line, parser.columnIndex + 1);
  };
  if (ssml.length > maxCharacters) fail("it is longer than 100000 characters", "100000 karakterden uzun");
  const speech = new SsmlSpeech(maxPauseMs);
  const open: Open[] = [];

  parser.on("error", () => fail("it is not well-formed XML", "düzgün biçimli XML değil"));
  parser.on("doctype", () => fail("a document type is not allowed", "belge türü (DOCTYPE) kullanılamaz"));
  parser.on("text", (text) => say(text));
  parser.on("cdata", (text) => say(text));
  parser.on("opentag", (tag) => {
    if (open.length >= maxDepth) fail("elements are nested too deeply", "öğeler çok derin iç içe");
    if (open.length === 0 && tag.name !== "speak") fail("its root is not speak", "kök öğesi speak değil");
    try {
      open.push(opened(tag, open.at(-1)?.prosody ?? prosody));
      if (tag.name === "break") speech.pause(breakMs(attribute(tag, "time"), attribute(tag, "strength")));
    } catch (error) {
      if (error instanceof SsmlValueError) fail(error.en, error.tr);
      throw error;
    }
  });
  parser.on("closetag", (tag) => {
    const closed = open.pop();
    if (closed?.alias !== undefined) speech.text(closed.alias, closed.prosody);
    if (tag.name === "p") speech.breath(paragraphPauseMs);
    if (tag.name === "s") speech.breath(sentencePauseMs);
  });

  function say(text: string): void {
    const innermost = open.at(-1);
    if (innermost === undefined || open.some((element) => element.alias !== undefined)) return;
    const sayAs = open.findLast((element) => element.sayAs !== undefined)?.sayAs;
    if (sayAs === undefined) speech.text(text, innermost.prosody);
    else speech.interpreted(text, sayAs.interpretAs, sayAs.format, innermost.prosody);
  }

  parser.write(ssml).close();
  return speech.segments();
}

function opened(tag: SaxesTagPlain, prosody: Prosody): Open {
  switch (tag.name) {
    case "prosody":
      return {
        name: tag.name,
        prosody: withProsody(prosody, {
          rate: attribute(tag, "rate"),
          pitch: attribute(tag, "pitch"),
          volume: attribute(tag, "volume"),
        }),
      };
    case "emphasis":
      return { name: tag.name, prosody: emphasized(prosody, attribute(tag, "level")) };
    case "say-as":
      return {
        name: tag.name,
        prosody,
        sayAs: { interpretAs: attribute(tag, "interpret-as") ?? "", format: attribute(tag, "format") ?? "" },
      };
    case "sub": {
      const alias = attribute(tag, "alias");
      return alias === undefined ? { name: tag.name, prosody } : { name: tag.name, prosody, alias };
    }
    default:
      return { name: tag.name, prosody };
  }
}

function attribute(tag: SaxesTagPlain, name: string): string | undefined {
  return tag.attributes[name]?.trim();
}
