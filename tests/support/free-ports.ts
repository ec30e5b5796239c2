export { freePorts } from "../../scripts/lib/free-ports.ts";
