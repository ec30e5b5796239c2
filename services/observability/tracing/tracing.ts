import type { Logger, Span } from "../../foundation/index.ts";

export interface TraceBeginning {
  /** `POST /api/v1/chat`: of a closed set. */
  readonly name: string;
  /** The caller's header as it came. */
  readonly traceparent?: string | undefined;
  /** On the clock of `performance.now()`; default: now. */
  readonly startMs?: number;
}

/** Traces of what this process does. Disposing sends what waits, as long as that takes little. */
export interface Tracing extends AsyncDisposable {
  /** The first step of this process in a trace: the caller's where it names one, otherwise a new one. */
  begin(beginning: TraceBeginning): Span;
}

/** The `tracing` branch of the settings. */
export interface TracingSettings {
  readonly endpoint: string;
  readonly headers: readonly string[];
  readonly sampleRatio: number;
  readonly fromCallers: boolean;
  readonly queueSpans: number;
  readonly exportEveryMs: number;
  readonly exportTimeoutMs: number;
}

export interface TracingSurroundings {
  /** `sektor`, `sektor-infer`: as its log lines name the process. */
  readonly service: string;
  readonly version: string;
  readonly log: Logger;
  /** Whether whoever calls this process is a part of us, and its traces are always continued. */
  readonly callersAreOurs?: boolean;
}
