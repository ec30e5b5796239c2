/** The map of the house: who may import whom. Prose and reasons: docs/architecture.md */
const domain = "(access|routing|inference|models|sessions|retrieval|records|feedback|jobs|batch|speech)";
const transport = "(http|engine-http|cli|runpod|voice|grpc)";
module.exports = {
  forbidden: [
    {
      name: "no-cycles",
      severity: "error",
      comment: "Two files that need each other are one idea, or three.",
      from: {},
      to: { circular: true },
    },
    {
      name: "enter-by-the-door",
      severity: "error",
      comment: "Another room is entered through its index.ts. foundation is open to all; main wires everything.",
      from: { path: "^services/([^/]+)/", pathNot: "^services/main/" },
      to: {
        path: "^services/[^/]+/",
        pathNot: ["^services/$1/", "^services/[^/]+/index\\.ts$", "^services/foundation/"],
      },
    },
    {
      name: "domain-looks-down",
      severity: "error",
      from: { path: `^services/${domain}/` },
      to: { path: `^services/(conversation|main|${transport})/` },
    },
    {
      name: "application-looks-down",
      severity: "error",
      from: { path: "^services/(conversation|serverless)/" },
      to: { path: `^services/(main|${transport})/` },
    },
    {
      name: "transports-are-neighbours",
      severity: "error",
      from: { path: `^services/${transport}/` },
      to: { path: `^services/${transport}/`, pathNot: "^services/$1/" },
    },
    {
      name: "foundation-stands-alone",
      severity: "error",
      from: { path: "^services/foundation/" },
      to: { path: "^services/", pathNot: "^services/foundation/" },
    },
    {
      name: "nothing-imports-main",
      severity: "error",
      from: { path: "^services/", pathNot: "^services/main/" },
      to: { path: "^services/main/" },
    },
    {
      name: "only-the-engine-knows-llama",
      severity: "error",
      from: { path: "^services/", pathNot: ["^services/main/", "^services/inference/llama/", "^services/models/"] },
      to: { path: "node_modules/node-llama-cpp" },
    },
    {
      name: "one-file-touches-llama-internals",
      severity: "error",
      comment:
        "node-llama-cpp's bindings are not its public API: llama-bindings.ts alone uses them, tests/model/llama-bindings.contract.test.ts guards it.",
      from: { path: "^services/inference/llama/", pathNot: "/llama-bindings\\.ts$" },
      to: { path: "node_modules/node-llama-cpp" },
    },
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: "tsconfig.json" },
    doNotFollow: { path: "node_modules" },
  },
};
