import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { type Static, Type } from "typebox";
import { formatJsonEvent, renderOpenAiError } from "../dialect/index.ts";
import { InvalidRequestError } from "../foundation/index.ts";
import { clientSignal, streamBytes, streamEvents } from "../http-kit/index.ts";
import type { Settings } from "../settings/index.ts";
import {
  openSpeechEncoder,
  readAloud,
  type SpeechEncoder,
  SpeechTextTooLongError,
  type Synthesizer,
  speechFormatOf,
  stockVoices,
} from "../speech/index.ts";

export interface AudioSpeechParts {
  readonly synthesizer: Synthesizer;
  readonly limits: Pick<Settings["speech"], "maxSpeechCharacters">;
  /** What the synthesiser does where it is not told; voice "": its first. */
  readonly defaults: Pick<Settings["speech"]["synthesizer"], "voice" | "speed">;
  readonly replyTimeoutMs: number;
}

const SpeechRequest = Type.Object({
  model: Type.Optional(Type.String({ maxLength: 200, description: "Kabul edilir; tek bir sentezleyici vardır." })),
  input: Type.String({ description: "Okunacak metin; <speak ile başlarsa SSML." }),
  voice: Type.Optional(
    Type.Union([Type.String({ maxLength: 200 }), Type.Object({ id: Type.String({ maxLength: 200 }) })], {
      description: "GET /v1/audio/voices listesinden; OpenAI'nin ses adları varsayılan sestir.",
    }),
  ),
  instructions: Type.Optional(Type.String({ maxLength: 4096, description: "Kabul edilir, sesi değiştirmez." })),
  response_format: Type.Optional(Type.String({ maxLength: 40, description: "wav, pcm, mp3 (varsayılan), opus" })),
  speed: Type.Optional(Type.Number({ minimum: 0.25, maximum: 4 })),
  stream_format: Type.Optional(Type.Enum(["audio", "sse"])),
});

const config = { scope: "voice", streams: true } as const;
const tags = ["speech"];

/** `POST /v1/audio/speech`: a text → speech, sent while it is made; `GET /v1/audio/voices`. */
export const audioSpeechRoutes: FastifyPluginAsyncTypebox<AudioSpeechParts> = async (app, parts) => {
  const { synthesizer, limits, defaults, replyTimeoutMs } = parts;

  app.post(
    "/audio/speech",
    {
      config,
      schema: {
        tags,
        summary: "Metni seslendir",
        body: SpeechRequest,
        produces: ["audio/mpeg", "audio/wav", "audio/pcm", "audio/ogg", "text/event-stream"],
      },
    },
    async (request, reply) => {
      const { input, response_format = "mp3", stream_format = "audio", speed = defaults.speed } = request.body;
      const format = speechFormatOf(response_format);
      if (input.trim() === "")
        throw new InvalidRequestError("input: is empty", { param: "input", messageTr: '"input" boş' });
      if (input.length > limits.maxSpeechCharacters) throw new SpeechTextTooLongError(limits.maxSpeechCharacters);
      const voice = voiceOf(request.body.voice);
      const signal = clientSignal(reply, replyTimeoutMs);
      // Some synthesisers know their rate only when they have loaded their voice.
      await synthesizer.ready(signal);
      const speech = readAloud(input, synthesizer, { speed, ...(voice === undefined ? {} : { voice }) }, signal);
      const encoder = await openSpeechEncoder(format, synthesizer.sampleRate);
      const bytes = encoded(speech, encoder);
      reply.header("x-synthesizer", synthesizer.name);
      if (stream_format === "audio") return await streamBytes(request, reply, bytes, encoder.contentType);
      return await streamEvents(request, reply, frames(bytes), (error) => formatJsonEvent(renderOpenAiError(error)));
    },
  );

  app.get("/audio/voices", { config: { scope: "voice" }, schema: { tags, summary: "Sesler" } }, async () => {
    await synthesizer.ready();
    const chosen = defaults.voice === "" ? synthesizer.voices[0] : defaults.voice;
    return {
      object: "list",
      synthesizer: synthesizer.name,
      data: synthesizer.voices.map((id) => ({ id, object: "voice", default: id === chosen })),
    };
  });
};

function voiceOf(voice: Static<typeof SpeechRequest>["voice"]): string | undefined {
  const name = typeof voice === "object" ? voice.id : voice;
  return name === undefined || stockVoices.has(name) ? undefined : name;
}

/** What is said as the bytes of a file; the first come as soon as something was said, so that what fails at once fails with its status. */
async function* encoded(speech: AsyncIterable<Int16Array>, encoder: SpeechEncoder): AsyncGenerator<Uint8Array> {
  try {
    for await (const samples of speech) yield encoder.push(samples);
    yield encoder.end();
  } finally {
    encoder[Symbol.dispose]();
  }
}

async function* frames(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  for await (const chunk of bytes)
    if (chunk.length > 0)
      yield formatJsonEvent({ type: "speech.audio.delta", audio: Buffer.from(chunk).toString("base64") });
  yield formatJsonEvent({ type: "speech.audio.done" });
}
