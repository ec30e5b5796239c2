/**
 * Brings the platform up, tries every public address, looks whether monitoring sees it, and writes a report. With Docker Compose, or
 * without Docker as processes of this machine (`--local`). `--help` lists the options; docs/guides/deploy.md explains.
 */
import { runDeploy } from "./deploy/run-deploy.ts";

process.exitCode = await runDeploy(process.argv.slice(2));
