import multipart from "@fastify/multipart";
import type { FastifyPluginAsyncTypebox } from "@fastify/type-provider-typebox";
import { formatJsonEvent, renderOpenAiError } from "../dialect/index.ts";
import { clientSignal, streamEvents } from "../http-kit/index.ts";
import type { Settings } from "../settings/index.ts";
import {
  decodeAudio,
  type Listeners,
  recognizerSampleRate,
  type TranscriptSegment,
  transcribe,
} from "../speech/index.ts";
import { cuesOf, renderSrt, renderVtt } from "./audio-subtitles.ts";
import {
  renderTranscript,
  renderTranscriptDelta,
  renderTranscriptDone,
  renderVerboseTranscript,
  type Transcript,
  textOf,
} from "./audio-transcript-shapes.ts";
import { readTranscriptionForm, type TranscriptionForm } from "./audio-transcription-form.ts";

export interface AudioTranscriptionParts extends Listeners {
  readonly limits: Pick<Settings["speech"], "maxAudioS" | "maxUploadBytes">;
  readonly replyTimeoutMs: number;
}

/** What a form adds around its file. */
const formBytes = 65_536;

/** `POST /v1/audio/transcriptions`: a recording → what was said in it, in OpenAI's shapes. */
export const audioTranscriptionRoutes: FastifyPluginAsyncTypebox<AudioTranscriptionParts> = async (app, parts) => {
  const { recognizer, limits, replyTimeoutMs } = parts;
  await app.register(multipart, {
    limits: { fields: 16, fieldSize: 8192, fileSize: limits.maxUploadBytes, files: 1, parts: 17, headerPairs: 32 },
  });

  app.post(
    "/audio/transcriptions",
    {
      config: { scope: "voice", streams: true },
      bodyLimit: limits.maxUploadBytes + formBytes,
      schema: {
        tags: ["speech"],
        summary: "Ses kaydını yazıya çevir",
        description:
          "Form: file (wav, mp3, ogg/opus, webm/opus), language, prompt, response_format (json, text, srt, vtt, verbose_json), " +
          "timestamp_granularities[] (word, segment), stream. Speech → text, as OpenAI.",
        consumes: ["multipart/form-data"],
        produces: ["application/json", "text/plain", "text/vtt", "application/x-subrip", "text/event-stream"],
      },
    },
    async (request, reply) => {
      const signal = clientSignal(reply, replyTimeoutMs);
      const form = await readTranscriptionForm(request, limits.maxUploadBytes);
      const samples = await decodeAudio(form.file, { maxS: limits.maxAudioS, signal });
      const durationS = samples.length / recognizerSampleRate;
      const { language, prompt } = form;
      const options = { ...(language === undefined ? {} : { language }), ...(prompt === undefined ? {} : { prompt }) };
      const heard = transcribe(samples, parts, options, signal);
      // Said in every format: plain text has no other place for it.
      reply.header("x-recognizer", recognizer.name).header("x-synthetic-only", String(recognizer.syntheticOnly));
      if (form.stream)
        return await streamEvents(request, reply, frames(heard, { durationS, recognizer }), (error) =>
          formatJsonEvent(renderOpenAiError(error)),
        );
      const segments: TranscriptSegment[] = [];
      for await (const segment of heard) segments.push(segment);
      const { type, body } = rendered({ durationS, segments, recognizer }, form);
      return await reply.type(type).send(body);
    },
  );
};

async function* frames(
  heard: AsyncIterable<TranscriptSegment>,
  facts: Omit<Transcript, "segments">,
): AsyncGenerator<string> {
  const segments: TranscriptSegment[] = [];
  for await (const segment of heard) {
    segments.push(segment);
    yield formatJsonEvent(renderTranscriptDelta(segment, segments.length === 1));
  }
  yield formatJsonEvent(renderTranscriptDone({ ...facts, segments }));
}

function rendered(transcript: Transcript, form: TranscriptionForm): { readonly type: string; readonly body: unknown } {
  const { segments } = transcript;
  switch (form.format) {
    case "json":
      return { type: "application/json", body: renderTranscript(transcript) };
    case "verbose_json":
      return { type: "application/json", body: renderVerboseTranscript(transcript, form) };
    case "text":
      return { type: "text/plain; charset=utf-8", body: `${textOf(segments)}\n` };
    case "srt":
      return { type: "application/x-subrip; charset=utf-8", body: renderSrt(cuesOf(segments)) };
    case "vtt":
      return { type: "text/vtt; charset=utf-8", body: renderVtt(cuesOf(segments)) };
  }
}
