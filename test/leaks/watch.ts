import { appendFileSync } from "node:fs";
import { formsOf, isFitForASecret, Output } from "./leak-search.ts";

/** What one test file used of secrets, and everything that it let out. */
const forms = new Set<string>();
const output = new Output();

/** A secret that the suite derived, made, or was let in with. */
export function registerSecret(secret: string | Uint8Array): void {
  if (isFitForASecret(secret)) for (const form of formsOf(secret)) forms.add(form);
}

export function noteOutput(where: string, value: unknown): void {
  output.note(where, typeof value === "string" ? value : textOf(value));
}

/** An error with its stack and all its causes. */
export function noteError(where: string, error: unknown): void {
  for (let one = error, depth = 0; one instanceof Error && depth < 5; one = one.cause, depth++) {
    noteOutput(where, `${one.stack ?? ""}\n${one.message}\n${textOf(one)}`);
  }
}

/** Where secrets of this test file stand in its output. */
export function leaksOfThisFile(): readonly string[] {
  return output.leaks(forms);
}

/** Leaves this file's secrets for the search through what the whole run printed. */
export function handInSecrets(path: string): void {
  if (forms.size > 0) appendFileSync(path, `${[...forms].join("\n")}\n`, { mode: 0o600 });
}

function textOf(value: unknown): string {
  return JSON.stringify(value, (_key, each: unknown) => {
    if (typeof each === "bigint") return String(each);
    if (each instanceof Map) return [...each];
    return each instanceof Uint8Array ? Buffer.from(each).toString("hex") : each;
  });
}
