/** The part of a structured logger the rooms use; pino keeps it. First the facts, then the event's name. Never user text. */
export interface Logger {
  debug(facts: object, event: string): void;
  info(facts: object, event: string): void;
  warn(facts: object, event: string): void;
  error(facts: object, event: string): void;
}
