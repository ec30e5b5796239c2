import { ApiFailure } from "../static/chat-api.js";
import { openRealtimeSocket } from "./realtime-socket.js";
import { createReplies } from "./replies.js";
import { MicrophoneFailure, openSound } from "./sound.js";

/** The server takes no utterance shorter than 100 ms; frames are 20 ms. */
const fewestFrames = 5;

/**
 * A spoken conversation: a socket, a microphone, a loudspeaker, and what they tell the page.
 * @param parts dialogue: what was said · api: the gateway, asked who we are before anything is opened · memory {recall, remember} ·
 *   choice(): {sector, byHand}, byHand: the caller says when an utterance begins and ends · how(): {words, language} ·
 *   onState(state): off | opening | waiting (by hand) | listening | hearing | thinking | speaking · onSound(sound or undefined) ·
 *   say(sentence): tells a failure · read(text): a reply that nobody hears · onKeyWanted(): the server asked for a key ·
 *   onByHandOnly(): the server finds no utterances by itself · onSyntheticOnly(so): whether who listens has only ever heard synthetic speech
 */
export function createTalk(parts) {
  const { dialogue, api, memory, choice, how, onState, onSound, say, read } = parts;
  const { onKeyWanted, onByHandOnly, onSyntheticOnly } = parts;
  let socket;
  let sound;
  let opening = false;
  /** By hand: the button is down. */
  let holding = false;
  let framesSent = 0;
  let hearing = false;
  let understanding = false;
  let playing = false;
  const replies = createReplies({ dialogue, memory, how, say, read, play: (item, audio) => sound?.play(item, audio) });

  function state() {
    if (opening) return "opening";
    if (socket === undefined) return "off";
    if (hearing || holding) return "hearing";
    if (playing) return "speaking";
    if (understanding || replies.isComing) return "thinking";
    return choice().byHand ? "waiting" : "listening";
  }
  const tell = () => onState(state());
  const messageOf = (error) => (how().language === "tr" && error.x_message_tr) || error.message;

  /** What the page wants of its session, as it stands now. How replies come is the server's to say: it may have no voice. */
  function configure() {
    const { sector, byHand } = choice();
    const session = memory.recall("session");
    socket?.send({
      type: "session.update",
      session: {
        type: "realtime",
        audio: { input: { turn_detection: byHand ? null : { type: "server_vad" } } },
        x_sector: sector === "" ? null : sector,
        ...(session === "" ? {} : { x_session_id: session }),
      },
    });
  }

  /** The reply falls silent here at once, and the server learns how much of it was heard. */
  async function silence() {
    const coming = replies.item;
    for (const { item, heardMs, isWhole } of (await sound?.flush()) ?? []) {
      if (isWhole && item !== coming) continue;
      socket?.send({ type: "conversation.item.truncate", item_id: item, content_index: 0, audio_end_ms: heardMs });
    }
  }

  function interrupt() {
    if (replies.isComing) socket?.send({ type: "response.cancel" });
    if (replies.isComing || playing) void silence();
  }

  /** What each event of the server means here; what is not listed is of no interest to a page. */
  const meanings = {
    ...replies.meanings,
    "session.created": ({ session }) => {
      if (session.audio.input.turn_detection === null) onByHandOnly();
      onSyntheticOnly(session.x_synthetic_only === true);
      configure();
    },
    "session.updated": () => {
      opening = false;
    },
    "input_audio_buffer.speech_started": ({ item_id: item }) => {
      hearing = true;
      dialogue.hear(item, "");
      void silence();
    },
    "input_audio_buffer.speech_stopped": () => {
      hearing = false;
    },
    "input_audio_buffer.committed": () => {
      hearing = false;
      understanding = true;
    },
    "conversation.item.input_audio_transcription.delta": ({ item_id: item, x_transcript: text }) =>
      dialogue.hear(item, text),
    "conversation.item.input_audio_transcription.completed": ({ item_id: item, transcript }) => {
      understanding = false;
      dialogue.understood(item, transcript);
      if (transcript === "" && choice().byHand) say(how().words.nothingHeard);
    },
    "conversation.item.input_audio_transcription.failed": ({ item_id: item, error }) => {
      understanding = false;
      dialogue.forget(item);
      say(messageOf(error));
    },
    error: ({ error }) => {
      // A session whose wishes are refused stands as it was.
      opening = false;
      // It has expired, or is another key's: the next session begins anew.
      if (error.code === "session_not_found") memory.remember("session", "");
      say(messageOf(error));
      if (error.code !== "voice_activity_unavailable" || choice().byHand) return;
      onByHandOnly();
      configure();
    },
  };

  function close() {
    socket?.close();
    void sound?.close();
    socket = undefined;
    sound = undefined;
    replies.forget();
    opening = hearing = understanding = playing = holding = false;
    dialogue.allOver();
    onSound(undefined);
    tell();
  }

  function hearFrame(audio) {
    if (opening || (choice().byHand && !holding)) return;
    framesSent++;
    socket?.send({ type: "input_audio_buffer.append", audio });
  }

  return {
    /** Opens all that is needed; every failure is told in words. Call it from a click. */
    async open() {
      if (opening || socket !== undefined) return;
      opening = true;
      tell();
      try {
        // A browser says nothing of why a socket was refused; an ordinary request does.
        await api.sectors();
        const onPlaying = (now) => {
          playing = now;
          tell();
        };
        const opened = await openSound({ onFrame: hearFrame, onPlaying });
        if (!opening) return void opened.close();
        sound = opened;
        onSound(sound);
        socket = openRealtimeSocket({
          key: memory.recall("key"),
          onEvent: (event) => {
            meanings[event.type]?.(event);
            tell();
          },
          onClosed: (code, wasOpen) => {
            close();
            say(wasOpen ? how().words.closed(code) : how().words.notOpened);
          },
        });
      } catch (fault) {
        close();
        if (fault instanceof ApiFailure && fault.status === 401) onKeyWanted();
        else say(failureInWords(fault, how().words));
      }
    },

    close,
    interrupt,

    /** The caller has chosen another sector, or another way of taking turns. */
    chosen() {
      holding = false;
      configure();
      tell();
    },

    /** By hand: an utterance begins; it interrupts what is being said. */
    press() {
      if (socket === undefined || opening || holding || !choice().byHand) return;
      interrupt();
      socket.send({ type: "input_audio_buffer.clear" });
      framesSent = 0;
      holding = true;
      tell();
    },

    /** By hand: it ends. */
    release() {
      if (!holding) return;
      holding = false;
      if (framesSent >= fewestFrames) {
        socket?.send({ type: "input_audio_buffer.commit" });
        socket?.send({ type: "response.create" });
      } else say(how().words.nothingHeard);
      tell();
    },
  };
}

function failureInWords(fault, words) {
  if (fault instanceof MicrophoneFailure) return words.microphone[fault.kind];
  return fault instanceof ApiFailure && fault.detail !== "" ? fault.detail : words.unreachable;
}
