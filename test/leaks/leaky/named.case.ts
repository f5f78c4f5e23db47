import { expect, it } from "vitest";
import { secret } from "./fixture.ts";

it(`has a name that holds ${secret}`, () => {
  expect(secret).toHaveLength(43);
});
