import { HetznerSection } from "../../clouds/hetzner.ts";
import { section } from "../note.ts";
import { executorsNote } from "./executors.ts";

export const hetznerSection = section("A cloud: Hetzner Cloud", "links.NAME.locations.NAME.cloud", HetznerSection, {
  provider: {
    description: "The cloud.",
    bound: "hetzner",
    examples: ["hetzner"],
    change: "Moves the location.",
  },
  network: {
    description: "Number of the network that gets the routes.",
    bound: "a whole number",
    examples: [4711],
    change: "Moves the location.",
  },
  token: {
    description: "Name or ARN of a secret in AWS Secrets Manager that holds an API token of the project.",
    bound: "up to 512 characters",
    examples: ["pointsman/hetzner"],
    change: "In force with the next run of the routes function.",
  },
  executors: executorsNote,
});
