/** What a key may be good for. None implies another. */
export const scopes = ["chat", "voice", "feedback", "documents", "admin"] as const;
export type Scope = (typeof scopes)[number];

export function isScope(text: string): text is Scope {
  return (scopes as readonly string[]).includes(text);
}
