// Prints "N passed M failed" of a vitest JSON report. A run that ended badly without a failed test is one failure, and so
// is one that left no report or ran no test.
import { existsSync, readFileSync } from "node:fs";

const [report = "", exitCode = "1"] = process.argv.slice(2);

function count() {
  if (!existsSync(report)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests } = JSON.parse(readFileSync(report, "utf8"));
  const isBroken = exitCode !== "0" || numPassedTests === 0;
  return { passed: numPassedTests, failed: numFailedTests === 0 && isBroken ? 1 : numFailedTests };
}

const { passed, failed } = count();
console.log(`${passed} passed ${failed} failed`);
