/**
 * Two minutes without an answer, or one where nobody even listens. A question costs infer one turn of its event loop, so these are many times
 * what a healthy engine needs on two cores that others keep busy: a large body parsed, a grammar built and a slice of processor time waited for
 * are seconds at most. A process killed wrongly loses every reply on its way; a hung one is found a little later, which loses nothing more.
 */
const everyMs = 10_000;
const patienceMs = 10_000;
const mostMisses = 6;

/**
 * Asks a process now and then whether it still answers.
 * @param answers false once `signal` fires; never rejects
 * @param onSilent it has not for too long: called once, and nothing is asked any more
 * @returns stops asking
 */
export function watchAnswers(answers: (signal: AbortSignal) => Promise<boolean>, onSilent: () => void): () => void {
  let misses = 0;
  let timer: NodeJS.Timeout | undefined;
  let asking: AbortController | undefined;
  let stopped = false;
  const ask = async (): Promise<void> => {
    const question = new AbortController();
    asking = question;
    timer = setTimeout(() => question.abort(), patienceMs);
    const answered = await answers(question.signal);
    clearTimeout(timer);
    if (stopped) return;
    misses = answered ? 0 : misses + 1;
    if (misses >= mostMisses) onSilent();
    else askLater();
  };
  const askLater = (): void => {
    timer = setTimeout(() => void ask(), everyMs);
  };
  askLater();
  return () => {
    stopped = true;
    clearTimeout(timer);
    asking?.abort();
  };
}
