/** What several streams say, as it comes, with the number of the stream it came from. Ends when all have; fails with the first that does. */
export async function* mergeStreams<T>(
  streams: readonly AsyncIterable<T>[],
): AsyncGenerator<{ readonly index: number; readonly value: T }> {
  const iterators = streams.map((stream) => stream[Symbol.asyncIterator]());
  const next = (index: number) => {
    const iterator = iterators[index];
    if (iterator === undefined) throw new RangeError(`There is no stream ${index}.`);
    return iterator.next().then((result) => ({ index, result }));
  };
  const waiting = new Map(iterators.map((_, index) => [index, next(index)]));
  try {
    while (waiting.size > 0) {
      const { index, result } = await Promise.race(waiting.values());
      if (result.done === true) waiting.delete(index);
      else {
        waiting.set(index, next(index));
        yield { index, value: result.value };
      }
    }
  } finally {
    await Promise.allSettled(iterators.map((iterator) => iterator.return?.()));
  }
}
