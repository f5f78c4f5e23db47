const hidden = "[hidden]";

/** Secrets that are known by where they stand, and AWS key ids. */
const known: readonly (readonly [pattern: RegExp, instead: string])[] = [
  [/:\/\/[^\s/@]+@/g, `://${hidden}@`],
  [/(https?:\/\/[^\s?"'<>]{1,500}\?)[^\s"'<>]+/gi, `$1${hidden}`],
  [/\b(Bearer\s{1,4})[^\s"',;]+/gi, `$1${hidden}`],
  [
    /(?<![a-z\d])((?:x-amz-(?:security-token|signature|credential)|signature|credential|secret[ _-]?(?:access[ _-]?)?key|password)["']?\s{0,4}[=:]\s{0,4}["']?)[^\s&"',;]+/gi,
    `$1${hidden}`,
  ],
  [/\bpm_[\w-]{20,}/g, hidden],
  [/\bA[A-Z]{3}[A-Z\d]{16}\b/g, hidden],
  [/\b[\da-f]{64,}\b/gi, hidden],
];

/** Long enough for a key. With all of capitals, small letters and digits it is no word, path or request id either. */
const long = /[A-Za-z\d+/]{32,}={0,2}/g;
const looksRandom = (text: string) => /\d/.test(text) && /[A-Z]/.test(text) && /[a-z]/.test(text);

/**
 * A text that somebody else wrote, such as a cloud's error, without what could be a secret: the password and the query of
 * an address, credentials, tokens, signatures, keys. Names, ARNs and request ids stay.
 */
export function redacted(text: string): string {
  const rest = known.reduce((left, [pattern, instead]) => left.replace(pattern, instead), text);
  return rest.replace(long, (found) => (looksRandom(found) ? hidden : found));
}
