import type { Command } from "commander";
import { DoctorAnswer, type LocatedFinding } from "../../functions/admin/doctor-schemas.ts";
import { worstFirst } from "../../shared/domain/finding.ts";
import type { AdminClient } from "../client.ts";
import type { Bind, Context } from "../context.ts";
import { doctorText } from "../doctor-text.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "../exit.ts";
import { type FixedAction, fixAll, fixText, openFixers, planFixes } from "../fixes.ts";
import { locationPlace } from "../places.ts";
import { count } from "../text.ts";

const pollMs = 1_000;
/** Beyond the server's own limit on reports: an answer that says they are late is still to come. ms */
const graceMs = 15_000;

type Options = { readonly fix?: boolean; readonly yes?: boolean };

/** What `doctor` came to, as it is printed with `--json`. */
type Result = {
  readonly id: string;
  readonly nowMs: number;
  readonly pass: number;
  readonly warn: number;
  readonly fail: number;
  readonly findings: readonly LocatedFinding[];
  readonly fixed?: readonly FixedAction[];
};

/** `pointsman doctor [LINK[/LOCATION]]`. */
export function addDoctor(program: Command, bind: Bind): void {
  const command = program
    .command("doctor")
    .summary("would it fail over? checks before an incident")
    .description(
      "Checks whether a fail-over would work: hosts heard, tunnels, forwarding switched on, ports open, permissions by dry run, quotas, routes as decided. The routes function makes the checks in the clouds, with the identity that writes the routes. Changes nothing; with --fix it lists what is safe to switch on, asks, and does so with your own cloud credentials.",
    )
    .argument("[link[/location]]", "a link or one location only; everything when left out")
    .option("--fix", "switch on what is safe to, after asking: forwarding of the hosts' interfaces")
    .option("--yes", "with --fix: do not ask")
    .addHelpText(
      "after",
      `
Examples:
  pointsman doctor
  pointsman doctor backbone/us-east --json | jq '.findings[] | select(.state == "fail")'
  pointsman doctor backbone/us-east --fix`,
    );
  bind<Options>(command, doctor);
}

async function doctor(context: Context, options: Options, args: readonly string[]): Promise<ExitCode> {
  if (options.yes === true && options.fix !== true) {
    throw usageError("--yes goes with --fix", "add --fix, or leave it out");
  }
  const [where] = args;
  if (where?.includes("/") === true) locationPlace(where);
  const client = await context.client();
  const result = await examine(context, client, where);
  if (options.fix !== true) {
    context.show(result, () => doctorText(result.findings, context.style));
    return result.fail > 0 ? exitCodes.failed : exitCodes.ok;
  }
  return fix(context, options, result);
}

/** Begins an examination and waits for its reports, telling how many are in. Throws `CliError`. */
async function examine(context: Context, client: AdminClient, where: string | undefined): Promise<Result> {
  const { clock } = context.world;
  const interrupted = context.io.interrupted();
  const begun = await client.post(["doctor"], where === undefined ? {} : { location: where }, DoctorAnswer);
  const total = begun.waitingFor.length;
  const endMs = clock.monotonicMs() + (begun.untilMs - begun.nowMs) + graceMs;
  let answer: DoctorAnswer = { ...begun, findings: [] };
  let told = "";
  while (answer.waitingFor.length > 0) {
    const line = `examining ${count(total, "location")} in the cloud: ${total - answer.waitingFor.length} done`;
    if (!context.json && line !== told) context.io.err(line);
    told = line;
    if (interrupted.aborted || clock.monotonicMs() >= endMs) throw unfinished(answer.waitingFor);
    await clock.sleep(pollMs, interrupted);
    answer = await client.get(["doctor", begun.id], DoctorAnswer);
  }
  const findings = worstFirst([...begun.findings, ...answer.findings]);
  const tally = (state: LocatedFinding["state"]) => findings.filter((one) => one.state === state).length;
  return {
    id: begun.id,
    nowMs: answer.nowMs,
    pass: tally("pass"),
    warn: tally("warn"),
    fail: tally("fail"),
    findings,
  };
}

function unfinished(waitingFor: readonly string[]): CliError {
  return new CliError(exitCodes.failed, "not-examined", `no reports yet of ${waitingFor.join(", ")}`, {
    next: "try again, and look into the log of the routes function",
  });
}

async function fix(context: Context, options: Options, result: Result): Promise<ExitCode> {
  const { io, json, style } = context;
  if (!json) io.out(doctorText(result.findings, style));
  const open = await openFixers(context);
  const plan = await planFixes(context, open, result.findings);
  if (!json) io.out(`\n${fixText(plan, style)}`);
  const needed = plan.filter((one) => one.isNeeded);
  let fixed: readonly FixedAction[] = [];
  if (needed.length > 0) {
    await context.confirm(`Switch ${count(needed.length, "setting")} with your own cloud credentials?`, options.yes);
    fixed = await fixAll(context, open, needed);
  }
  const mended = new Set(fixed.filter((one) => one.result === "fixed").map((one) => JSON.stringify(one.action)));
  const left = result.findings.filter(
    (one) => one.state === "fail" && (one.fix === undefined || !mended.has(JSON.stringify(one.fix))),
  );
  context.show({ ...result, fixed }, () =>
    [
      ...fixed.map(
        ({ result: came, what }) => `${came === "fixed" ? style.good("fixed:") : style.bad("not fixed:")} ${what}`,
      ),
      left.length === 0
        ? style.good("nothing fails any more")
        : style.bad(`${count(left.length, "check")} still to be mended`),
    ].join("\n"),
  );
  return left.length > 0 ? exitCodes.failed : exitCodes.ok;
}
