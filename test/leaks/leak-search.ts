import { createHash } from "node:crypto";

/** Shorter texts are no secrets here, and shorter stretches of output are not looked at. Characters. */
export const leastChars = 24;

/** Everything that a secret in any of its forms is written with. */
const stretch = new RegExp(`[A-Za-z0-9+/=_%-]{${leastChars},}`, "g");

/** How a secret may look in output: as it is, base64, base64url, hex, and URL-encoded. */
export function formsOf(secret: string | Uint8Array): readonly string[] {
  const bytes = Buffer.from(secret);
  const [base64, base64url, hex] = [bytes.toString("base64"), bytes.toString("base64url"), bytes.toString("hex")];
  const forms = [base64, base64.replace(/=+$/, ""), base64url, hex, hex.toUpperCase(), encodeURIComponent(base64)];
  if (typeof secret === "string") forms.push(secret, encodeURIComponent(secret));
  return [...new Set(forms)].filter((form) => form.length >= leastChars);
}

/** Bytes without any variety are a stand-in for a key, and would be found in every row of zeros. */
export function isFitForASecret(secret: string | Uint8Array): boolean {
  return secret.length >= leastChars && new Set<unknown>(secret).size >= 8;
}

/** Output, kept as the stretches of it that could hold a secret: of a million log lines few differ in these. */
export class Output {
  readonly #stretches = new Map<string, string>();

  /** `where` names what printed, logged, stored or answered the text. */
  note(where: string, text: string): void {
    for (const [found] of text.matchAll(stretch)) {
      if (!this.#stretches.has(found)) this.#stretches.set(found, where);
    }
  }

  /** Where a form of a secret stands in the output, if anywhere, without the secret itself. */
  leaks(forms: Iterable<string>): readonly string[] {
    const byBeginning = new Map<string, string[]>();
    for (const form of forms) {
      const beginning = form.slice(0, leastChars);
      const others = byBeginning.get(beginning);
      if (others === undefined) byBeginning.set(beginning, [form]);
      else others.push(form);
    }
    const leaks = new Set<string>();
    for (const [text, where] of this.#stretches) {
      for (let at = 0; at + leastChars <= text.length; at++) {
        const forms = byBeginning.get(text.slice(at, at + leastChars)) ?? [];
        const form = forms.find((each) => text.startsWith(each, at));
        if (form !== undefined) leaks.add(`${where}: a secret of ${form.length} characters (SHA-256 ${mark(form)}…)`);
      }
    }
    return [...leaks];
  }
}

/** Names a secret without telling it. */
function mark(form: string): string {
  return createHash("sha256").update(form).digest("hex").slice(0, 12);
}
