// How the functions are bundled for AWS: read by serverless-esbuild and by the benchmark of the heartbeat's bundle.
const { join } = require("node:path");

const platform = join(__dirname, "..", "..", "shared", "platform");

module.exports = () => ({
  bundle: true,
  minify: true,
  // The queue client, and each cloud's SDK, become files of their own that are loaded when first needed.
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node24",
  outputFileExtension: ".mjs",
  mainFields: ["module", "main"],
  legalComments: "none",
  alias: {
    "@aws-sdk/credential-provider-node": join(platform, "lambda-credentials.ts"),
    "@aws-sdk/middleware-endpoint-discovery": join(platform, "no-endpoint-discovery.ts"),
  },
  banner: { js: 'import{createRequire}from"node:module";const require=createRequire(import.meta.url);' },
  // The SDK that the runtime brings is another version, and slower to load: ours is bundled.
  exclude: [],
  skipRebuild: true,
  concurrency: 1,
  zipConcurrency: 1,
});
