import type { Command } from "commander";
import { ApplyAnswer, Plan } from "../../functions/admin/schemas.ts";
import { renderDiff } from "../../shared/network-file/render.ts";
import type { AdminClient } from "../client.ts";
import type { Bind, Context } from "../context.ts";
import { CliError, type ExitCode, exitCodes, usageError } from "../exit.ts";
import { readNetworkFile } from "../network-file.ts";
import { age, duration } from "../text.ts";
import { type WhyOptions, whyOption, withWhy } from "./command-text.ts";

const pollMs = 1_000;

type PlanOptions = { readonly file: string };
type ApplyOptions = PlanOptions &
  WhyOptions & { readonly yes?: boolean; readonly allowRemove?: boolean; readonly timeout: string };

/** `pointsman plan -f FILE`. */
export function addPlan(program: Command, bind: Bind): void {
  const command = program
    .command("plan")
    .summary("show what a network file would change")
    .description(
      "Shows what applying a network file would change, and counts the routes that would be lost. Changes nothing.",
    )
    .requiredOption("-f, --file <file>", "the network file (YAML)")
    .addHelpText(
      "after",
      "\nExamples:\n  pointsman plan -f network.yaml\n  pointsman plan -f network.yaml --json | jq .routesLost",
    );
  bind<PlanOptions>(command, async (context, { file }) => {
    const text = await readNetworkFile(file);
    const client = await context.client();
    const plan = await client.post(["plan"], { file: text }, Plan);
    const needs = plan.needsAllowRemove ? `\n\n${context.style.warn("Applying this needs --allow-remove.")}` : "";
    context.show(plan, () => planText(plan, context) + needs);
    return exitCodes.ok;
  });
}

/** `pointsman apply -f FILE`. */
export function addApply(program: Command, bind: Bind): void {
  const command = program
    .command("apply")
    .summary("put a network file in force")
    .description(
      "Puts a network file in force: shows what it changes, asks, and applies just that. An active host that is to go hands over first; apply waits for that.",
    )
    .requiredOption("-f, --file <file>", "the network file (YAML)")
    .option("--yes", "do not ask")
    .option("--allow-remove", "also when links or locations are removed or routes are lost")
    .option("--timeout <time>", "how long to wait for hosts to hand over, such as 90s or 5m", "5m")
    .option(...whyOption)
    .addHelpText(
      "after",
      `
Examples:
  pointsman apply -f network.yaml --why "third region"
  pointsman apply -f network.yaml --yes --allow-remove --json`,
    );
  bind<ApplyOptions>(command, apply);
}

async function apply(context: Context, options: ApplyOptions): Promise<ExitCode> {
  const timeoutMs = duration(options.timeout);
  if (timeoutMs === undefined) {
    throw usageError(`"${options.timeout}" is not a length of time`, "give one such as 90s or 5m");
  }
  const file = await readNetworkFile(options.file);
  const client = await context.client();
  const plan = await client.post(["plan"], { file }, Plan);
  if (!context.json) context.io.out(planText(plan, context));
  if (!plan.unchanged) {
    refuseRemoval(plan, options.allowRemove);
    await context.confirm(`Apply this to version ${plan.version}?`, options.yes);
  }
  const body = {
    file,
    expectVersion: plan.version,
    allowRemove: options.allowRemove === true,
    ...withWhy(options),
  };
  const answer = await applyUntilDone(context, client, body, timeoutMs);
  context.show(answer, () =>
    answer.state === "applied" ? `\nversion ${answer.version} is in force` : "\nnothing to do",
  );
  return exitCodes.ok;
}

function planText(plan: Plan, { style }: Context): string {
  const paint = (line: string) =>
    line.startsWith("+ ")
      ? style.good(line)
      : line.startsWith("- ")
        ? style.bad(line)
        : line.startsWith("~ ")
          ? style.warn(line)
          : line;
  const lines = renderDiff(plan.diff).map(paint);
  if (plan.handOvers.length > 0) {
    lines.push("", "Active hosts that go, and hand over first:", ...plan.handOvers.map((host) => `  ${host}`));
  }
  return lines.join("\n");
}

/** Says so before the question, rather than after it was answered. */
function refuseRemoval(plan: Plan, isAllowed: boolean | undefined): void {
  if (!plan.needsAllowRemove || isAllowed === true) return;
  const what = [
    ...(plan.routesLost > 0 ? [`${plan.routesLost} routes are lost`] : []),
    ...(plan.removed.length > 0 ? [`${plan.removed.join(", ")} would be removed`] : []),
  ];
  throw new CliError(exitCodes.failed, "allow-remove-needed", what.join("; "), {
    next: "if that is meant, apply with --allow-remove",
  });
}

async function applyUntilDone(
  context: Context,
  client: AdminClient,
  body: object,
  timeoutMs: number,
): Promise<ApplyAnswer> {
  const { clock } = context.world;
  const startMs = clock.monotonicMs();
  const interrupted = context.io.interrupted();
  let told = "";
  for (;;) {
    const answer = await client.post(["apply"], body, ApplyAnswer);
    if (answer.state !== "switching") return answer;
    const line = answer.waitingFor.map(({ host, what }) => `waiting for ${host}: ${what}`).join("; ");
    if (!context.json && line !== told) context.io.err(line);
    told = line;
    const waitedMs = clock.monotonicMs() - startMs;
    if (waitedMs >= timeoutMs || interrupted.aborted) throw notDone(line, waitedMs);
    await clock.sleep(pollMs, interrupted);
  }
}

function notDone(waiting: string, waitedMs: number): CliError {
  return new CliError(exitCodes.failed, "not-applied", `nothing is applied yet after ${age(waitedMs)}: ${waiting}`, {
    next: "the hosts that go are drained and stay so: apply again to go on, or `pointsman undrain` them to give it up",
  });
}
