import { callRealtime } from "../../voice/realtime-caller.ts";
import { trimmed } from "../../voice/speech.ts";
import { expect, type SmokeCase } from "./world.ts";

const sentence = "Siparişim hasarlı geldi.";

/** What is heard and said: our own speech goes back in, so that no recording is needed. */
export const voiceCases: readonly SmokeCase[] = [
  {
    endpoint: "GET /v1/audio/voices",
    run: async (world) => {
      const reply = await world.json("GET", "/v1/audio/voices");
      const list = reply.data ?? reply.voices ?? reply;
      expect(list.length > 0, "en az bir ses");
      return `${list.length} ses`;
    },
  },
  {
    endpoint: "POST /v1/audio/speech",
    run: async (world) => {
      const say = (response_format: string) =>
        world.ask("POST", "/v1/audio/speech", { json: { input: sentence, response_format } });
      const [wav, pcm] = [(await say("wav")).bytes, (await say("pcm")).bytes];
      expect(wav.subarray(0, 4).toString() === "RIFF", "WAV");
      world.keep("wav", wav);
      world.keep("pcm", pcm);
      return `${(pcm.length / 48_000).toFixed(1)} s ses`;
    },
  },
  {
    endpoint: "POST /v1/audio/transcriptions",
    run: async (world) => {
      const boundary = `----${world.name}`;
      const part = (name: string, more = "") =>
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${more}\r\n`;
      const body = Buffer.concat([
        Buffer.from(`${part("model")}\r\nwhisper-1\r\n`),
        Buffer.from(`${part("file", '; filename="a.wav"')}Content-Type: audio/wav\r\n\r\n`),
        world.kept<Buffer>("wav"),
        Buffer.from(`\r\n--${boundary}--\r\n`),
      ]);
      const headers = { "content-type": `multipart/form-data; boundary=${boundary}` };
      const { text } = await world.json("POST", "/v1/audio/transcriptions", { body, headers });
      expect(text.trim() !== "", "bir metin");
      return `“${text.trim()}”`;
    },
  },
  {
    endpoint: "GET /v1/realtime",
    run: async (world) => {
      const pcm = world.kept<Buffer>("pcm");
      const bytes = pcm.buffer.slice(pcm.byteOffset, pcm.byteOffset + pcm.byteLength);
      const samples = trimmed(new Int16Array(bytes as ArrayBuffer));
      const { url, ca } = world.target;
      await using caller = await callRealtime({
        url,
        key: world.key,
        patienceMs: 30_000,
        ...(ca === undefined ? {} : { ca }),
      });
      const { endMs } = await caller.say(samples);
      const heard = await caller.hears("conversation.item.input_audio_transcription.completed", endMs);
      await caller.hears("response.output_audio.delta", endMs);
      const { event } = await caller.hears("response.done", endMs);
      expect(event.response.status === "completed", "response.done: completed");
      return `duyulan: “${heard.event.transcript.trim()}”`;
    },
  },
  {
    endpoint: "WSS ses kapısı (nginx)",
    run: async (world) => {
      const { voiceUrl, ca } = world.target;
      if (voiceUrl === undefined) return "bu kurulumda yok";
      // Its `/` is /v1/realtime, whatever the rest of the address says.
      await using caller = await callRealtime({
        url: voiceUrl,
        path: "/?model=auto",
        key: world.key,
        patienceMs: 15_000,
        ...(ca === undefined ? {} : { ca }),
      });
      return `${caller.moments.length} olay`;
    },
  },
];
