import { it } from "vitest";
import { secret } from "./fixture.ts";

it("prints a secret in base64url, in the middle of a line", () => {
  process.stdout.write(`uri=${Buffer.from(secret).toString("base64url")}&x=1\n`);
});
