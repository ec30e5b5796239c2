/** What a passage looks like to the model; a passage without a title is its text alone. */
export interface PromptPassage {
  readonly title?: string;
  readonly text: string;
}

/**
 * The system message when passages join it. The adapters are trained on these very characters: training reads the same golden file,
 * tests/fixtures/knowledge-prompt.json, so a change here is a new training run.
 * @param passages best first; they are numbered from 1, and the reply cites them as `[1]`. None: the prompt stays as it is
 */
export function knowledgePrompt(systemPrompt: string, passages: readonly PromptPassage[]): string {
  if (passages.length === 0) return systemPrompt;
  const listed = passages.map(
    ({ title, text }, at) => `[${at + 1}] ${title === undefined || title === "" ? text : `${title}: ${text}`}`,
  );
  return `${systemPrompt}\n\nKaynaklara dayanarak yanıtla, kullandığın kaynağı [1] gibi göster.\n${listed.join("\n")}`;
}
