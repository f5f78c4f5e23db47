import type { LocatedFinding } from "../functions/admin/doctor-schemas.ts";
import type { Style } from "./style.ts";
import { table } from "./table.ts";

/** All findings as one table, what to do beneath each that needs it, and how many there are of each kind. */
export function doctorText(findings: readonly LocatedFinding[], style: Style): string {
  const paint = { pass: style.good, warn: style.warn, fail: style.bad };
  const rows = findings.map(({ state, location, check, about, found }) => [
    paint[state](state),
    location,
    check,
    oneLine(about === location ? found : `${about}: ${found}`),
  ]);
  const [heading = "", ...lines] = table(["", "LOCATION", "CHECK", "FOUND"], rows).split("\n");
  const told = lines.flatMap((line, at) => {
    const next = findings[at]?.next ?? "";
    return next === "" ? [line] : [line, `      ${style.dim("what to do:")} ${oneLine(next)}`];
  });
  const count = (state: LocatedFinding["state"]) => findings.filter((one) => one.state === state).length;
  const fails = count("fail");
  const tally = `${fails} fail, ${count("warn")} warn, ${count("pass")} pass`;
  return [heading, ...told, "", fails > 0 ? style.bad(tally) : style.good(tally)].join("\n");
}

/** What a cloud said may hold anything. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\s]+/gu, " ").trim();
}
