export interface SerialQueueBounds {
  /** Entries that may wait. */
  readonly most: number;
  /** Bytes they may hold together. */
  readonly mostBytes: number;
}

/** What a client sent, dealt with one after the other. */
export interface SerialQueue {
  /** Entries that wait. */
  readonly depth: number;
  /** @param bytes what the entry holds @returns false: too much waits, and it was not taken */
  push(bytes: number, work: () => Promise<void> | void): boolean;
  /** As `push`; sound that waits behind sound is heard together with it, piece by piece, so that whoever fell behind catches up. */
  pushSound(sound: Uint8Array, hear: (sounds: readonly Uint8Array[]) => Promise<void>): boolean;
  /** What waits is dropped; resolves when the entry under way has ended. */
  close(): Promise<void>;
}

interface Entry {
  bytes: number;
  readonly work: () => Promise<void> | void;
  /** Of sound: what came so far; nothing may be added once it is being heard. */
  readonly sounds?: Uint8Array[];
}

/** Sound heard in one go: some seconds, while other sessions wait. */
const mostTogether = 131_072;

/** @param onFault an entry threw: the next one is dealt with all the same */
export function createSerialQueue(bounds: SerialQueueBounds, onFault: (thrown: unknown) => void): SerialQueue {
  const waiting: Entry[] = [];
  let bytesWaiting = 0;
  let closed = false;
  let busy = false;
  let working: Promise<void> = Promise.resolve();

  const run = async (): Promise<void> => {
    busy = true;
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      bytesWaiting -= next.bytes;
      try {
        await next.work();
      } catch (thrown) {
        onFault(thrown);
      }
    }
    busy = false;
  };
  const push = (entry: Entry): boolean => {
    if (closed) return true;
    // One entry alone may be as large as the socket lets through.
    if (waiting.length >= bounds.most || (waiting.length > 0 && bytesWaiting + entry.bytes > bounds.mostBytes))
      return false;
    waiting.push(entry);
    bytesWaiting += entry.bytes;
    if (!busy) working = run();
    return true;
  };
  return {
    get depth() {
      return waiting.length;
    },
    push: (bytes, work) => push({ bytes, work }),
    pushSound: (sound, hear) => {
      const last = waiting.at(-1);
      const together = (last?.bytes ?? 0) + sound.length;
      if (closed || last?.sounds === undefined || together > mostTogether) {
        const sounds = [sound];
        return push({ bytes: sound.length, work: () => hear(sounds), sounds });
      }
      if (bytesWaiting + sound.length > bounds.mostBytes) return false;
      last.sounds.push(sound);
      last.bytes = together;
      bytesWaiting += sound.length;
      return true;
    },
    close: async () => {
      closed = true;
      waiting.length = 0;
      await working;
    },
  };
}
