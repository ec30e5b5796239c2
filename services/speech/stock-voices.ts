/** Voices that stock clients must name and that are nobody's here: they mean whatever voice there is. */
export const stockVoices: ReadonlySet<string> = new Set(
  "alloy ash ballad cedar coral echo fable marin nova onyx sage shimmer verse".split(" "),
);
