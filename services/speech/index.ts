export { type DecodeAudioOptions, decodeAudio } from "./audio/decode-audio.ts";
export {
  AudioFormatUnsupportedError,
  AudioTooLargeError,
  AudioTooLongError,
  AudioUndecodableError,
  SpeechTextTooLongError,
} from "./audio/errors.ts";
export { OpusPacketDecoder, OpusPacketEncoder, type OpusRate, opusFrameMs } from "./audio/opus-packets.ts";
export { Resampler, resampled } from "./audio/resampler.ts";
export { floatToInt16, int16FromBytes, int16ToBytes, int16ToFloat } from "./audio/samples.ts";
export {
  openSpeechEncoder,
  type SpeechEncoder,
  type SpeechFormat,
  speechFormatOf,
  speechFormats,
  speechSampleRate,
} from "./audio/speech-encoder.ts";
export { writeWav } from "./audio/wav-writer.ts";
export { WireDecoder, WireEncoder, type WireFormat } from "./audio/wire-audio.ts";
export {
  RecognizerUnavailableError,
  SpeechQueueFullError,
  SpeechSetupError,
  SynthesizerUnavailableError,
  VoiceActivityUnavailableError,
  VoiceUnknownError,
} from "./errors.ts";
export { editDistance } from "./quality/edit-distance.ts";
export { createHearAgain, type MadeSpeech } from "./quality/hear-again.ts";
export { type HeardShares, heardShares } from "./quality/heard-shares.ts";
export { measuredSynthesizer, type SynthesizerWatch } from "./quality/measured-synthesizer.ts";
export { type ReadAloudOptions, readAloud } from "./read-aloud.ts";
export type { RecognitionFacts } from "./recognition/queued-recognizer.ts";
export {
  type Recognition,
  type RecognitionOptions,
  type RecognizedWord,
  type Recognizer,
  recognizerSampleRate,
} from "./recognizer.ts";
export { stockVoices } from "./stock-voices.ts";
export type { Synthesizer, Utterance } from "./synthesizer.ts";
export { SsmlInvalidError } from "./text/errors.ts";
export { normalizeForSpeech } from "./text/normalize.ts";
export type { PauseSegment, Prosody, SpeechSegment, SpokenSegment } from "./text/segment.ts";
export { type SpeechChunk, SpeechChunker, type SpeechChunkerOptions } from "./text/speech-chunker.ts";
export { isSsml, type SpeechSegmentsOptions, speechSegments } from "./text/speech-segments.ts";
export { type Listeners, type TranscriptSegment, transcribe } from "./transcription/transcribe.ts";
export { type VoiceActivity, type VoiceActivityStream, voiceFrameSamples } from "./voice-activity.ts";
