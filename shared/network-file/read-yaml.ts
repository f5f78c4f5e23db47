import { LineCounter, parseDocument } from "yaml";
import { InputError, type Mistake } from "../domain/errors.ts";
import { networkFileLimits } from "../domain/limits.ts";
import { refuseCostlyText } from "./lexical-bounds.ts";
import { plainData, type YamlData } from "./plain-data.ts";
import { valueText } from "./wording.ts";

/**
 * Reads one YAML 1.2 document into plain data. Throws `InputError` when the text is no such document, or costs more
 * to read than `networkFileLimits` allows.
 */
export function readYaml(text: string): YamlData {
  refuseCostlyText(text);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    lineCounter: lines,
    prettyErrors: false,
    uniqueKeys: false,
    stringKeys: true,
    version: "1.2",
    schema: "core",
    merge: false,
    logLevel: "error",
  });
  const lineAt = (offset: number): number => Math.max(1, lines.linePos(offset).line);
  const errors = document.errors.slice(0, networkFileLimits.mistakes);
  if (errors.length > 0) {
    throw new InputError(errors.map(({ pos, code, message }) => syntaxMistake(text, lineAt(pos[0]), code, message)));
  }
  const { version } = document.directives.yaml;
  if (version !== "1.2") {
    const reason = "another YAML version reads yes, no and 010 differently: leave the %YAML line out";
    throw new InputError([{ field: "the file", value: valueText(version), reason, line: 1 }]);
  }
  return plainData(document.contents, lineAt);
}

/** Where the parser's own message would not say what to write. */
const ownWords: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "a second document: write one, without ---",
  NON_STRING_KEY: "a key that is no plain text: write a name before the colon",
  TAB_AS_INDENT: "a tab as indentation: write spaces",
};

function syntaxMistake(text: string, line: number, code: string, message: string): Mistake {
  const source = text.split("\n", line)[line - 1]?.trim() ?? "";
  const reason = ownWords[code] ?? `not YAML: ${message.split("\n", 1)[0]}: correct this line`;
  return { field: "the file", value: valueText(source), reason, line };
}
