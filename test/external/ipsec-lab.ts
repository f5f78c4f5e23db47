import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A machine with strongSwan in a network namespace of its own. ESP runs in user space, over a TUN device. */
export type Gateway = {
  readonly name: string;
  /** Runs a command as this machine does and returns what it printed; throws where it fails. */
  run(...command: readonly string[]): string;
  /** Loads a swanctl.conf in the place of the one before. Returns what swanctl printed. */
  load(text: string): string;
  /** What swanctl prints of the tunnels that stand. */
  sas(): string;
  /** Whether an answer to a ping comes back. */
  reaches(from: string, to: string): boolean;
  /** Takes its tunnels down and says so, and holds none any more. */
  leave(): void;
  /** Ends without a word to anybody: its daemon is killed, its cable pulled. */
  die(): void;
};

export type Lab = {
  /** A gateway with a public address and addresses of its own in the networks behind it. */
  gateway(name: string, address: string, inside: readonly string[]): Promise<Gateway>;
  /** The same with `ipsec starter` and an ipsec.conf and ipsec.secrets. */
  starter(name: string, address: string, conf: string, secrets: string): Promise<Gateway>;
  close(): void;
};

const ipsec = "/usr/lib/ipsec";
const commands = { ip: "ip" };

/** Opens a lab: a bridge, to which gateways are plugged in. Needs root, strongSwan, iproute2 and ping. */
export function openLab(): Lab {
  const folder = mkdtempSync(join(tmpdir(), "pointsman-ipsec-"));
  const prefix = `pm${process.pid}`;
  const net = `${prefix}-net`;
  const spaces = [net];
  const daemons: ChildProcess[] = [];
  call("ip", "netns", "add", net);
  inSpace(net, "ip", "link", "add", "br0", "type", "bridge");
  inSpace(net, "ip", "link", "set", "br0", "up");

  const plugIn = (name: string, address: string, inside: readonly string[]): string => {
    const space = `${prefix}-${name}`;
    spaces.push(space);
    call("ip", "netns", "add", space);
    call("ip", "link", "add", "wan", "netns", space, "type", "veth", "peer", "name", name, "netns", net);
    inSpace(net, "ip", "link", "set", name, "master", "br0", "up");
    inSpace(space, "ip", "link", "set", "lo", "up");
    for (const one of inside) inSpace(space, "ip", "address", "add", one, "dev", "lo");
    inSpace(space, "ip", "address", "add", `${address}/24`, "dev", "wan");
    inSpace(space, "ip", "link", "set", "wan", "up");
    return space;
  };

  const start = async (name: string, space: string, command: readonly string[]): Promise<Gateway> => {
    const home = join(folder, name);
    const socket = `unix://${join(home, "vici")}`;
    mkdirSync(home, { recursive: true });
    writeFileSync(join(home, "strongswan.conf"), daemonConf(home, socket));
    const shell = `mount -t tmpfs tmpfs /run && exec "$@"`;
    const args = ["netns", "exec", space, "unshare", "-m", "sh", "-c", shell, "sh", ...command];
    const env = { ...process.env, STRONGSWAN_CONF: join(home, "strongswan.conf") };
    const daemon = spawn(commands.ip, args, { stdio: "ignore", env });
    daemons.push(daemon);
    const run = (...words: readonly string[]) => call("nsenter", "-t", String(daemon.pid), "-m", "-n", ...words);
    const swanctl = (...words: readonly string[]) => call("swanctl", ...words, "--uri", socket);
    const gateway: Gateway = {
      name,
      run,
      load(text) {
        const path = join(home, "swanctl.conf");
        writeFileSync(path, text, { mode: 0o600 });
        return swanctl("--load-all", "--clear", "--file", path);
      },
      sas: () => swanctl("--list-sas"),
      reaches(from, to) {
        try {
          inSpace(space, "ping", "-n", "-c", "1", "-W", "1", "-I", from, to);
          return true;
        } catch {
          return false;
        }
      },
      // A connection that starts by itself takes its tunnels down as it is unloaded.
      leave: () => void gateway.load(""),
      die() {
        daemon.kill("SIGKILL");
        inSpace(space, "ip", "link", "set", "wan", "down");
      },
    };
    await eventually(() => gateway.sas() !== undefined, `${name} to answer`);
    return gateway;
  };

  return {
    gateway: (name, address, inside) => start(name, plugIn(name, address, inside), [join(ipsec, "charon")]),
    starter(name, address, conf, secrets) {
      mkdirSync(join(folder, name));
      const path = join(folder, name, "ipsec.conf");
      writeFileSync(path, conf);
      writeFileSync(join(folder, name, "ipsec.secrets"), secrets, { mode: 0o600 });
      const space = plugIn(name, address, []);
      return start(name, space, [join(ipsec, "starter"), "--daemon", "charon", "--nofork", "--conf", path]);
    },
    close() {
      for (const daemon of daemons) daemon.kill("SIGKILL");
      for (const space of spaces) {
        for (const pid of call("ip", "netns", "pids", space).split("\n").filter(Boolean)) killQuietly(Number(pid));
        call("ip", "netns", "delete", space);
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Asks again until it holds. Throws after ten seconds. */
export async function eventually(holds: () => boolean, what: string): Promise<void> {
  let last: unknown;
  for (let round = 0; round < 100; round++) {
    try {
      if (holds()) return;
    } catch (error) {
      last = error;
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error(`waited in vain for ${what}`, { cause: last });
}

function daemonConf(home: string, socket: string): string {
  return `charon {
  load_modular = yes
  retransmit_tries = 2
  retransmit_timeout = 1
  plugins {
    include /etc/strongswan.d/charon/*.conf
    kernel-libipsec {
      load = yes
    }
    stroke {
      secrets_file = ${join(home, "ipsec.secrets")}
    }
    vici {
      socket = ${socket}
    }
  }
  filelog {
    log {
      path = ${join(home, "log")}
      flush_line = yes
    }
  }
}
`;
}

function inSpace(space: string, ...command: readonly string[]): string {
  return call("ip", "netns", "exec", space, ...command);
}

function call(command: string, ...args: readonly string[]): string {
  return execFileSync(command, args, { encoding: "utf8", stdio: ["ignore", "pipe", "pipe"], timeout: 20_000 });
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It has ended meanwhile.
  }
}
