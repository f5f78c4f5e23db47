// The functions as a package for Cloud Run functions: `npm run package:gcp`, explained in docs/deploy/gcp.md.
import { packageCommand } from "./packaging/command.mjs";

const words = { title: "Google Cloud", next: 'docs/deploy/gcp.md, "Deploy"' };
process.exitCode = await packageCommand("gcp", words, process.argv.slice(2));
