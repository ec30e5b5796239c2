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
  /** What waits is dropped; resolves when the entry under way has ended. */
  close(): Promise<void>;
}

/** @param onFault an entry threw: the next one is dealt with all the same */
export function createSerialQueue(bounds: SerialQueueBounds, onFault: (thrown: unknown) => void): SerialQueue {
  const waiting: { readonly bytes: number; readonly work: () => Promise<void> | void }[] = [];
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
  return {
    get depth() {
      return waiting.length;
    },
    push: (bytes, work) => {
      if (closed) return true;
      // One entry alone may be as large as the socket lets through.
      if (waiting.length >= bounds.most || (waiting.length > 0 && bytesWaiting + bytes > bounds.mostBytes))
        return false;
      waiting.push({ bytes, work });
      bytesWaiting += bytes;
      if (!busy) working = run();
      return true;
    },
    close: async () => {
      closed = true;
      waiting.length = 0;
      await working;
    },
  };
}
