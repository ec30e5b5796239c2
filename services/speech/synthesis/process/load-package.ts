import { SpeechSetupError } from "../../errors.ts";

/**
 * An optional package, loaded in the process that calls this.
 * @throws {SpeechSetupError} it is not installed
 */
export async function loadPackage<Module>(name: string): Promise<Module> {
  try {
    return (await import(name)) as Module;
  } catch (failure) {
    const code = failure instanceof Error && "code" in failure ? failure.code : undefined;
    if (code !== "ERR_MODULE_NOT_FOUND" && code !== "MODULE_NOT_FOUND") throw failure;
    throw new SpeechSetupError({
      en: `The optional package ${name} is not installed: run "npm install ${name}", or choose another speech.synthesizer.engine.`,
      tr: `İsteğe bağlı ${name} paketi kurulu değil: "npm install ${name}" çalıştırın ya da başka bir speech.synthesizer.engine seçin.`,
    });
  }
}
