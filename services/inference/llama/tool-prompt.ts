import type { ResponseFormat, ToolChoice, ToolDefinition } from "../engine.ts";

/** For models whose template knows no tools: the list and the call format, as the base model of this project is trained to read them. */
export function describeTools(tools: readonly ToolDefinition[]): string {
  const lines = tools.map((tool) =>
    JSON.stringify({ name: tool.name, description: tool.description ?? "", parameters: tool.parameters ?? {} }),
  );
  return [
    "Kullanabileceğin araçlar:",
    ...lines,
    'Bir araç gerekiyorsa yalnızca şunu yaz: <|begin_of_tool_code|> print(arac_adi(parametre="değer")) <|end_of_tool_code|>',
  ].join("\n");
}

/** The shape a reply must have when the caller insists on a tool call: `{"name":…,"arguments":{…}}` of one of the allowed tools. */
export function forcedCallFormat(tools: readonly ToolDefinition[], choice: ToolChoice): ResponseFormat | undefined {
  if (choice === "none" || choice === "auto") return undefined;
  const allowed = choice === "required" ? tools : tools.filter((tool) => tool.name === choice.name);
  const shapes = allowed.map((tool) => ({
    type: "object",
    properties: { name: { const: tool.name }, arguments: tool.parameters ?? { type: "object" } },
    required: ["name", "arguments"],
    additionalProperties: false,
  }));
  const only = shapes[0];
  if (only === undefined) return undefined;
  return { type: "json_schema", schema: shapes.length === 1 ? only : { oneOf: shapes } };
}
