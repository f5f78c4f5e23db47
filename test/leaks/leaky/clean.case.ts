import { expect, it } from "vitest";
import { secret } from "./fixture.ts";

it("uses a secret, and prints everything else", () => {
  process.stdout.write(`a secret of ${secret.length} characters\n`);
  expect(secret).toHaveLength(43);
});
