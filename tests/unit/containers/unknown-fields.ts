import ts from "typescript";
import { root } from "./compose-file.ts";
import type { Manifest } from "./manifests.ts";

/**
 * Kubernetes' schemas let words pass that they do not know, as the cluster does (it drops them). Its types do not: each manifest is compiled as a value of
 * its type, and the compiler names what the type has not.
 */
export function unknownFields(manifests: readonly Manifest[]): readonly string[] {
  const modules = [...new Set(manifests.map(({ apiVersion }) => apiVersion))];
  const text = [
    ...modules.map((name, at) => `import type * as m${at} from "kubernetes-models/${name}";`),
    ...manifests.map(
      (one, at) => `const v${at}: m${modules.indexOf(one.apiVersion)}.I${one.kind} = ${JSON.stringify(one)};`,
    ),
    `export default [${manifests.map((_one, at) => `v${at}`).join(", ")}];`,
  ].join("\n");
  const file = `${root}tests/unit/containers/manifests-as-types.ts`;
  const options: ts.CompilerOptions = {
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    target: ts.ScriptTarget.ES2022,
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    types: [],
  };
  const host = ts.createCompilerHost(options);
  const read = host.getSourceFile.bind(host);
  host.getSourceFile = (name, version, ...rest) =>
    name === file ? ts.createSourceFile(name, text, version) : read(name, version, ...rest);
  const exists = host.fileExists.bind(host);
  host.fileExists = (name) => name === file || exists(name);
  const program = ts.createProgram([file], options, host);
  return program
    .getSemanticDiagnostics(program.getSourceFile(file))
    .map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, "\n").slice(0, 300));
}
