import type { PlatformError } from "../foundation/index.ts";

/** OpenAI's error body. `type` is what their SDKs' classes go by together with the status. */
export function renderOpenAiError(error: PlatformError) {
  return {
    error: {
      message: error.message,
      type: typeOf(error.status),
      param: error.param ?? null,
      code: error.code,
    },
  };
}

function typeOf(status: number): string {
  if (status === 401) return "authentication_error";
  if (status === 403) return "permission_error";
  if (status === 404) return "not_found_error";
  if (status === 429) return "rate_limit_error";
  return status >= 500 ? "server_error" : "invalid_request_error";
}
