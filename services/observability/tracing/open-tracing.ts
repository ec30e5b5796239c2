import type { Tracing, TracingSettings, TracingSurroundings } from "./tracing.ts";

/** Traces where the settings name a collector. @returns undefined: they do not, and nothing of what makes and sends traces is read */
export async function openTracing(
  settings: TracingSettings,
  surroundings: TracingSurroundings,
): Promise<Tracing | undefined> {
  if (settings.endpoint === "") return undefined;
  const { createOtlpTracing } = await import("./otlp-tracing.ts");
  return createOtlpTracing(settings, surroundings);
}
