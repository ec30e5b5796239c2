import { Agent, FormData, request } from "undici";
import { withTimeout } from "../../foundation/index.ts";
import { floatToInt16 } from "../audio/samples.ts";
import { writeWav } from "../audio/wav-writer.ts";
import { SpeechSetupError } from "../errors.ts";
import { type Recognition, type RecognitionOptions, recognizerSampleRate } from "../recognizer.ts";
import { httpRecognition } from "./http-answer.ts";
import type { RecognitionEngine } from "./recognition-engine.ts";

export interface HttpRecognizerOptions {
  /** Base URL, such as `http://127.0.0.1:8000/v1`. */
  readonly url: string;
  /** Bearer token; "" for none. */
  readonly token: string;
  readonly model: string;
  /** For one transcription, from connecting to the last byte. */
  readonly timeoutMs: number;
  /** Transcriptions under way at once. */
  readonly parallel?: number;
}

type Format = "verbose_json" | "json";

/** A transcript of 20 s with all its words is some ten kilobytes. */
const longestAnswerBytes = 4_194_304;

/** Any OpenAI-compatible `POST {url}/audio/transcriptions`. Failures hold neither the address nor what the server said. */
export function httpEngine({ url, token, model, timeoutMs, parallel = 4 }: HttpRecognizerOptions): RecognitionEngine {
  const agent = new Agent({ connections: parallel, pipelining: 1, connect: { timeout: Math.min(timeoutMs, 5000) } });
  const address = `${url.replace(/\/+$/, "")}/audio/transcriptions`;
  /** Servers that know nothing of `verbose_json` refuse it once. */
  let format: Format = "verbose_json";

  const ask = async (asked: Format, samples: Float32Array, options: RecognitionOptions, signal: AbortSignal) => {
    const { statusCode, body } = await request(address, {
      method: "POST",
      dispatcher: agent,
      headers: token === "" ? {} : { authorization: `Bearer ${token}` },
      body: form(samples, options, model, asked),
      signal,
    });
    let text = "";
    body.setEncoding("utf8");
    for await (const piece of body) {
      text += piece as string;
      if (text.length > longestAnswerBytes) throw new Error("The recogniser's answer is too long.");
    }
    return { statusCode, text };
  };

  return {
    name: "http",
    // Each partial is an upload of everything said so far.
    partials: false,
    syntheticOnly: false,
    parallel,
    async ready() {
      if (url === "") throw new SpeechSetupError(addressMissing);
    },
    async recognize(samples, options, signal) {
      const limited = withTimeout(timeoutMs, signal);
      const asked = format;
      let answer = await ask(asked, samples, options, limited);
      if (asked === "verbose_json" && (answer.statusCode === 400 || answer.statusCode === 422)) {
        answer = await ask("json", samples, options, limited);
        if (answer.statusCode < 400) format = "json";
      }
      return recognitionOf(answer.statusCode, answer.text);
    },
    [Symbol.asyncDispose]: () => agent.destroy(),
  };
}

function form(
  samples: Float32Array,
  { language = "tr", prompt = "" }: RecognitionOptions,
  model: string,
  format: Format,
): FormData {
  const body = new FormData();
  const wav = writeWav(floatToInt16(samples), recognizerSampleRate);
  body.set("file", new Blob([wav as Uint8Array<ArrayBuffer>], { type: "audio/wav" }), "speech.wav");
  body.set("model", model);
  body.set("language", language);
  if (prompt !== "") body.set("prompt", prompt);
  body.set("response_format", format);
  if (format === "verbose_json") {
    body.append("timestamp_granularities[]", "word");
    body.append("timestamp_granularities[]", "segment");
  }
  return body;
}

function recognitionOf(status: number, text: string): Recognition {
  if (status === 401 || status === 403) throw new SpeechSetupError(tokenRefused);
  if (status === 404) throw new SpeechSetupError(addressWrong);
  if (status >= 400) throw new Error(`The recogniser answered with status ${status}.`);
  let answer: unknown;
  try {
    answer = JSON.parse(text);
  } catch {
    // Some servers answer `json` with the bare text; a page of HTML is none.
  }
  const recognition = httpRecognition(answer);
  if (recognition === undefined) throw new Error("The recogniser's answer is no transcription.");
  return recognition;
}

const addressMissing = {
  en: "Its address is missing: set SEKTOR_RECOGNIZER_URL.",
  tr: "Adresi verilmemiş: SEKTOR_RECOGNIZER_URL değişkenini verin.",
};
const addressWrong = {
  en: "Its server knows no such path or model: check SEKTOR_RECOGNIZER_URL and SEKTOR_RECOGNIZER_REMOTE_MODEL.",
  tr: "Sunucusu bu yolu ya da modeli bilmiyor: SEKTOR_RECOGNIZER_URL ve SEKTOR_RECOGNIZER_REMOTE_MODEL değerlerini denetleyin.",
};
const tokenRefused = {
  en: "Its server refuses the platform's token: check SEKTOR_RECOGNIZER_TOKEN.",
  tr: "Sunucusu platformun belirtecini kabul etmiyor: SEKTOR_RECOGNIZER_TOKEN değerini denetleyin.",
};
