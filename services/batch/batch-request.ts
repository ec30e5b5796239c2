import { type Static, Type } from "typebox";
import Value from "typebox/value";
import type { BatchFault } from "./batches.ts";

/** One line of an input file. */
export const BatchRequest = Type.Object(
  {
    custom_id: Type.String({ minLength: 1, maxLength: 512 }),
    method: Type.Literal("POST"),
    url: Type.String(),
    body: Type.Object({}, { additionalProperties: true }),
  },
  { additionalProperties: true },
);
export type BatchRequest = Static<typeof BatchRequest>;

/** Faults that are told of one file. */
const mostFaults = 100;

/** JSON's own white space; a line of any other is a line that is wrong. */
export function isBlank(line: string): boolean {
  return /^[ \t\r\n]*$/.test(line);
}

/** A line that was checked before. */
export function requestOf(line: string): BatchRequest {
  return JSON.parse(line) as BatchRequest;
}

/** Looks at a file line by line, and keeps what is wrong with it. */
export class RequestCheck {
  readonly #endpoint: string;
  readonly #ids = new Set<string>();
  readonly #faults: BatchFault[] = [];

  /** @param endpoint the one its lines may ask for */
  constructor(endpoint: string) {
    this.#endpoint = endpoint;
  }

  /** Requests so far. */
  get total(): number {
    return this.#ids.size;
  }

  /** Empty: the file can be worked on. */
  get faults(): readonly BatchFault[] {
    if (this.#faults.length === 0 && this.total === 0)
      return [{ code: "empty_file", message: "The file holds no requests.", line: null, param: null }];
    return this.#faults;
  }

  /** @param number of the line, from 1 @returns false: there are so many faults that looking on is of no use */
  see(line: string, number: number): boolean {
    if (isBlank(line)) return true;
    const fault = this.#faultOf(line);
    if (fault !== undefined) this.#faults.push({ line: number, param: null, ...fault });
    return this.#faults.length < mostFaults;
  }

  #faultOf(line: string): (Pick<BatchFault, "code" | "message"> & Partial<BatchFault>) | undefined {
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch {
      return { code: "invalid_json_line", message: "This line is not JSON." };
    }
    if (!Value.Check(BatchRequest, value)) {
      const [fault] = Value.Errors(BatchRequest, value);
      const missing = (fault?.params as { requiredProperties?: readonly string[] } | undefined)
        ?.requiredProperties?.[0];
      const param = (fault?.instancePath ?? "").slice(1).replaceAll("/", ".") || (missing ?? null);
      return {
        code: "invalid_request_line",
        message: `${param ?? "line"}: ${fault?.message ?? "is not valid"}.`,
        param,
      };
    }
    if (value.url !== this.#endpoint)
      return {
        code: "mismatched_endpoint",
        message: `url: must be ${this.#endpoint}, as the batch says.`,
        param: "url",
      };
    if (this.#ids.has(value.custom_id))
      return { code: "duplicate_custom_id", message: "Another line has this custom_id.", param: "custom_id" };
    this.#ids.add(value.custom_id);
    return undefined;
  }
}
