import { renderOpenAiError } from "../../services/dialect/index.ts";
import { PlatformError } from "../../services/foundation/index.ts";
import { renderProblem } from "../../services/http-kit/index.ts";

class ProxyError extends PlatformError {
  override readonly name = "ProxyError";
  /** nginx' own statuses that end in this one. */
  readonly nginxStatuses: readonly number[];
  constructor(init: ConstructorParameters<typeof PlatformError>[0], nginxStatuses: readonly number[] = []) {
    super(init);
    this.nginxStatuses = [init.status, ...nginxStatuses];
  }
}

/** Everything nginx answers by itself, before a gateway or instead of one. docs/errors.md has a row for each code. */
export const proxyErrors: readonly ProxyError[] = [
  new ProxyError(
    {
      code: "malformed_request",
      status: 400,
      message: "This is no HTTPS request, or its address means two things.",
      messageTr: "Bu geçerli bir HTTPS isteği değil ya da adresi iki anlama geliyor.",
    },
    // Plain HTTP on the port of HTTPS.
    [497],
  ),
  new ProxyError({
    code: "operators_only",
    status: 403,
    message: "This address is open to its operators only.",
    messageTr: "Bu adrese yalnızca işletmecilerin ağlarından ulaşılabilir.",
  }),
  new ProxyError({
    code: "body_too_large",
    status: 413,
    message: "The body is larger than this address takes.",
    messageTr: "Gövde bu adresin kabul ettiğinden büyük.",
  }),
  new ProxyError({
    code: "unknown_host",
    status: 421,
    message: "This server does not answer to that name.",
    messageTr: "Bu sunucu bu adla yanıt vermiyor.",
  }),
  new ProxyError({
    code: "rate_limit_exceeded",
    status: 429,
    message: "Too many requests from this address; try again in a second.",
    messageTr: "Bu adresten çok fazla istek geldi; bir saniye sonra yeniden deneyin.",
    retryAfterS: 1,
  }),
  new ProxyError(
    {
      code: "headers_too_large",
      status: 431,
      message: "The request's address or headers are too large.",
      messageTr: "İsteğin adresi ya da üst bilgileri çok büyük.",
    },
    [414, 494],
  ),
  new ProxyError({
    code: "gateway_unreachable",
    status: 502,
    message: "No gateway answers at the moment; try again shortly.",
    messageTr: "Şu anda hiçbir sunucu yanıt vermiyor; lütfen biraz sonra yeniden deneyin.",
    retryAfterS: 2,
  }),
  new ProxyError({
    code: "gateway_unavailable",
    status: 503,
    message: "The service is not available at the moment; try again shortly.",
    messageTr: "Hizmet şu anda verilemiyor; lütfen biraz sonra yeniden deneyin.",
    retryAfterS: 5,
  }),
  new ProxyError({
    code: "gateway_timeout",
    status: 504,
    message: "The gateway did not answer in time; try again shortly.",
    messageTr: "Sunucu zamanında yanıt vermedi; lütfen biraz sonra yeniden deneyin.",
    retryAfterS: 2,
  }),
];

/** `map` blocks: the body of each problem in both languages. OpenAI's shape has one. */
export function errorTexts(): string {
  return proxyErrors
    .map((error) => {
      const [turkish, english] = ["tr", "en"].map((language) => quoted(JSON.stringify(renderProblem(error, language))));
      return `map $error_language $problem_${error.status} {\n    default ${turkish};\n    en ${english};\n}`;
    })
    .join("\n");
}

/** What each status leads to, and the places these lead to. */
export function errorPages(): string {
  return proxyErrors
    .map((error) => [pageOf(error), placeOf(error, "problem"), placeOf(error, "openai")].join("\n"))
    .join("\n");
}

function pageOf({ status, nginxStatuses }: ProxyError): string {
  return nginxStatuses
    .map((one) => `error_page ${one}${one === status ? "" : ` =${status}`} /.proxy/$error_shape/${status};`)
    .join("\n");
}

function placeOf(error: ProxyError, shape: "problem" | "openai"): string {
  const { status, retryAfterS } = error;
  const isProblem = shape === "problem";
  const body = isProblem ? `$problem_${status}` : quoted(JSON.stringify(renderOpenAiError(error)));
  const lines = [
    "internal;",
    `default_type ${isProblem ? "application/problem+json" : "application/json"};`,
    "include snippets/reply-headers.conf;",
    ...(isProblem ? ["add_header Content-Language $error_language always;"] : []),
    ...(retryAfterS === undefined ? [] : [`add_header Retry-After ${retryAfterS} always;`]),
    `return ${status} ${body};`,
  ];
  return [`location = /.proxy/${shape}/${status} {`, ...lines.map((line) => `    ${line}`), "}"].join("\n");
}

/** @throws {Error} nginx would read a variable into it */
function quoted(text: string): string {
  if (text.includes("$")) throw new Error("A text of the proxy's errors holds a $.");
  return `'${text.replaceAll(/['\\]/g, "\\$&")}'`;
}
