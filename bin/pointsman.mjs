#!/usr/bin/env node
import { register } from "tsx/esm/api";

// The SDK tells of Node versions that it will need one day; that is for whoever updates it, not for operators.
process.env["AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED"] ??= "true";
register();
const { main } = await import("../cli/main.ts");
process.exitCode = await main(process.argv.slice(2));
