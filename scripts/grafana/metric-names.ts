const keywords = new Set([
  "or",
  "and",
  "unless",
  "bool",
  "offset",
  "by",
  "without",
  "on",
  "ignoring",
  "group_left",
  "group_right",
]);

/** Names of the metrics an expression reads, each once. */
export function metricNames(expr: string): readonly string[] {
  const bare = expr
    .replaceAll(/"(?:[^"\\]|\\.)*"/g, '""')
    .replaceAll(/\{[^{}]*\}/g, "")
    .replaceAll(/\[[^\]]*\]/g, "")
    // Labels that are grouped and joined by.
    .replaceAll(/\b(?:by|without|on|ignoring|group_left|group_right)\s*\([^)]*\)/g, "");
  const words = bare.matchAll(/(?<![\w:])[a-zA-Z_:][\w:]*(?!\s*\(|[\w:])/g);
  return [...new Set([...words].map(([word]) => word).filter((word) => !keywords.has(word)))];
}
