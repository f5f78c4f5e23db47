import { hostSecret } from "../../../shared/protocol/keys.ts";

/** The secret of a host that no other test has. */
export const secret = hostSecret(
  Uint8Array.from({ length: 32 }, (_, at) => (at * 37 + 11) % 256),
  "leaky",
  1,
);
