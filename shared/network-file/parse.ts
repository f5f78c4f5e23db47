import { checkHosts } from "./check-hosts.ts";
import { checkEmpty, checkLimits } from "./check-limits.ts";
import { checkOwnNetworks, checkSharedNetworks } from "./check-networks.ts";
import { checkNames, checkTransits } from "./check-peers.ts";
import { checkTables } from "./check-tables.ts";
import { addIssues, type MistakeList, mistakeList } from "./mistakes.ts";
import type { YamlData } from "./plain-data.ts";
import { reachOf } from "./reach.ts";
import { readYaml } from "./read-yaml.ts";
import { NetworkFile } from "./schema.ts";
import { type LinkView, viewLinks } from "./view.ts";

/**
 * Reads a network file. What the file leaves out is left out of the result: `defaults` says what that means.
 * Throws `InputError` with every mistake of form and meaning, each with its field, value, line and what to write;
 * a text that is not YAML at all, or more than `networkFileLimits` allow, is refused with the mistakes of that alone.
 */
export function parseNetworkFile(text: string): NetworkFile {
  const data = readYaml(text);
  refuseTooMuch(data);
  const mistakes = mistakeList(data);
  const result = NetworkFile.safeParse(data.value);
  if (!result.success) addIssues(mistakes, result.error.issues);
  const links = viewLinks(data.value);
  if (links) checkMeaning(links, mistakes);
  if (!result.success || !mistakes.isEmpty()) throw mistakes.toError();
  return result.data;
}

/** A file that is too large is refused with that alone: looking closer would cost too much. */
function refuseTooMuch(data: YamlData): void {
  const mistakes = mistakeList({ ...data, flaws: [] });
  checkLimits(data.value, mistakes);
  if (!mistakes.isEmpty()) throw mistakes.toError();
}

function checkMeaning(links: readonly LinkView[], mistakes: MistakeList): void {
  checkEmpty(links, mistakes);
  checkHosts(links, mistakes);
  checkNames(links, mistakes);
  checkOwnNetworks(links, mistakes);
  const reaches = links.flatMap((link) => {
    const reach = reachOf(link);
    return reach ? [{ link: link.name, reach }] : [];
  });
  for (const { reach } of reaches) {
    checkTransits(reach, mistakes);
    checkSharedNetworks(reach, mistakes);
  }
  checkTables(reaches, mistakes);
}
