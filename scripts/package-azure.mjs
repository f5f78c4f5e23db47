// The functions as a package for Azure Functions: `npm run package:azure`, explained in docs/deploy/azure.md.
import { packageCommand } from "./packaging/command.mjs";

const words = { title: "Azure Functions", next: 'docs/deploy/azure.md, "Deploy"' };
process.exitCode = await packageCommand("azure", words, process.argv.slice(2));
