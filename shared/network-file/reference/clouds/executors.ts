import { ExecutorSection } from "../../clouds/executors.ts";
import { section } from "../note.ts";

/** The field of every cloud that names its executors. */
export const executorsNote = {
  description:
    "Executors that run inside this cloud with its own identity and swap the routes there, asked in this order; without them the routes function calls the cloud itself.",
  bound: "1 to 4 executors",
  examples: [[{ url: "https://executor.example.com", id: "west", key: "pointsman/executor-west" }]],
  change: "In force with the next run of the routes function.",
};

export const executorSection = section("An executor", "links.NAME.locations.NAME.cloud.executors[]", ExecutorSection, {
  url: {
    description: "Where it answers. Redirects are not followed.",
    bound: "an https address without credentials, query or fragment",
    examples: ["https://executor.example.com"],
    change: "In force with the next run of the routes function.",
  },
  id: {
    description:
      "What the executor is called in its own settings (POINTSMAN_EXECUTOR_ID): it takes no request for another.",
    bound: "up to 63 letters, digits and -",
    examples: ["west"],
    change: "In force with the next run of the routes function.",
  },
  key: {
    description:
      "Name or ARN of a secret in AWS Secrets Manager that holds the key of 64 hex digits that requests and answers are signed with.",
    bound: "up to 512 characters",
    examples: ["pointsman/executor-west"],
    change: "In force with the next run of the routes function.",
  },
});
