import { PlatformError } from "../foundation/index.ts";

/** The configuration cannot be used; `faults` names everything that is wrong with it. */
export class SettingsError extends PlatformError {
  override readonly name = "SettingsError";
  readonly faults: readonly string[];
  constructor(faults: readonly string[]) {
    super({ code: "invalid_settings", status: 500, message: `The settings cannot be used:\n  ${faults.join("\n  ")}` });
    this.faults = faults;
  }
}
