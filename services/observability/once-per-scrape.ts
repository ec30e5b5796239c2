/** Metrics that one look feeds are collected side by side; a scrape is over after so long. */
const scrapeMs = 250;

/** One look for all who ask within a scrape. */
export function oncePerScrape<T>(look: () => Promise<T>, nowMs: () => number = () => performance.now()) {
  let known: { readonly answer: Promise<T>; readonly atMs: number } | undefined;
  return (): Promise<T> => {
    if (known === undefined || nowMs() - known.atMs > scrapeMs) known = { answer: look(), atMs: nowMs() };
    return known.answer;
  };
}
