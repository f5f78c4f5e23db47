import { it } from "vitest";
import { secret } from "./fixture.ts";

it("shows an error on the console whose cause holds a secret in hex", () => {
  // biome-ignore lint/suspicious/noConsole: the console is what is watched
  console.error(new Error("no", { cause: new Error(`key ${Buffer.from(secret).toString("hex")}`) }));
});
