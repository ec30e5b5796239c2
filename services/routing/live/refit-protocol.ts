import type { RefitAnswer, RefitFolders, RefitQuestion } from "./refit.ts";

/** What the training thread is started with. */
export interface RefitStart {
  readonly question: RefitQuestion;
  readonly folders: RefitFolders;
}

/** A PlatformError without its class, which does not survive the way between threads. */
export interface RefitFault {
  readonly code: string;
  readonly status: number;
  readonly message: string;
  readonly messageTr?: string;
}

/** What it tells; `answer`, `refused` or its end comes last. */
export type RefitNews =
  | { readonly kind: "progress"; readonly share: number }
  | { readonly kind: "answer"; readonly answer: RefitAnswer }
  | { readonly kind: "refused"; readonly fault: RefitFault };
