import { CST, Lexer } from "yaml";
import { InputError } from "../domain/errors.ts";
import { networkFileLimits } from "../domain/limits.ts";

const bounds = networkFileLimits;

/**
 * Refuses a text that would cost a YAML parser more than it is worth, by lexing alone, which takes time in proportion
 * to the text: the parser itself recurses, and deep nesting can end the whole process. Throws `InputError`.
 */
export function refuseCostlyText(text: string): void {
  if (text.length > bounds.bytes || new TextEncoder().encode(text).length > bounds.bytes) {
    throw costly(undefined, `more than ${bounds.bytes} bytes: split it into several networks`);
  }
  const seen = { tokens: 0, line: 1, flow: 0, run: 0, isLineStart: true };
  for (const token of new Lexer().lex(text)) {
    seen.tokens += 1;
    if (seen.tokens > bounds.tokens) {
      throw costly(seen.line, `more than ${bounds.tokens} words, signs and blanks: leave out what is not needed`);
    }
    weigh(token, CST.tokenType(token), seen);
  }
}

type Seen = { tokens: number; line: number; flow: number; run: number; isLineStart: boolean };

/** Keeps count of one token. `run` counts what nests, outside of brackets on one line, inside between two commas. */
function weigh(token: string, type: CST.TokenType | null, seen: Seen): void {
  switch (type) {
    case "newline":
      seen.line += 1;
      seen.isLineStart = true;
      if (seen.flow === 0) seen.run = 0;
      return;
    case "space":
      if (seen.isLineStart && token.length > bounds.indent) {
        throw costly(seen.line, `indented by more than ${bounds.indent} columns: indent by two for each level`);
      }
      break;
    case "flow-map-start":
    case "flow-seq-start":
      seen.flow += 1;
      seen.run = 0;
      if (seen.flow > bounds.nesting) throw costly(seen.line, "too many brackets in one another: close some");
      break;
    case "flow-map-end":
    case "flow-seq-end":
      seen.flow = Math.max(0, seen.flow - 1);
      break;
    case "comma":
      seen.run = 0;
      break;
    case "anchor":
    case "tag":
    case "seq-item-ind":
    case "explicit-key-ind":
    case "map-value-ind":
      seen.run += 1;
      if (seen.run > bounds.nesting) throw costly(seen.line, "too many of - ? : & ! in a row: begin a new line");
      break;
    default:
      if (type !== "comment" && token.length > bounds.scalarChars) {
        throw costly(seen.line, `a text of more than ${bounds.scalarChars} characters: shorten it`);
      }
  }
  seen.isLineStart = false;
}

function costly(line: number | undefined, reason: string): InputError {
  return new InputError([{ field: "the file", value: "…", reason, ...(line === undefined ? {} : { line }) }]);
}
