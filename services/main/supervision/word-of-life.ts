export interface WordOfLife {
  /** Something has gone on; said with the next word. */
  readonly goesOn: () => void;
  /** No more words. */
  readonly stop: () => void;
}

const everyMs = 500;

/**
 * Tells whoever waits for this process to start that its start goes on: when somebody says so, and when files are read. What is mapped into
 * memory comes in by page faults, with which a large model on a slow disk is busy for minutes, and nobody else hears of it.
 * @param say at most twice a second
 * @param reads how much this process has read so far, in any unit
 */
export function giveWordOfLife(say: () => void, reads: () => number = blocksAndFaults): WordOfLife {
  let wentOn = false;
  let before = reads();
  const timer = setInterval(() => {
    const now = reads();
    if (wentOn || now > before) say();
    wentOn = false;
    before = now;
  }, everyMs);
  return {
    goesOn: () => {
      wentOn = true;
    },
    stop: () => clearInterval(timer),
  };
}

function blocksAndFaults(): number {
  const { fsRead, majorPageFault } = process.resourceUsage();
  return fsRead + majorPageFault;
}
