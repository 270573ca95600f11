/**
 * What stands between a run and the machine, as a command line. Each layer is used where the system has it; which ones
 * work is found out by starting a real child (a distribution may forbid user namespaces, a container setpriv).
 *
 * @source docs/decisions/0020-one-sandboxed-child-a-run.md
 */
import { existsSync } from "node:fs";
import { join } from "node:path";

export type SandboxLayer =
  /** A user id of its own, without groups and privileges: no file, process or socket of ours is within reach. */
  | "own-user"
  /** The kernel kills the child when its parent dies, however it dies. */
  | "dies-with-parent"
  /** Bytes of data, CPU seconds, open files, no core file. */
  | "limits"
  | "low-priority"
  /** A network namespace without any interface. */
  | "no-network"
  /** Node's permission model: no file but the runner's own, no process, no worker, no addon. */
  | "node-permissions"
  | "empty-environment";

/** What a child may use; bytes and seconds are hard bounds of the kernel, above what the parent watches. */
export type KernelLimits = { readonly dataBytesMax: number; readonly cpuSecondsMax: number };

export type ChildCommand = { readonly program: string; readonly arguments: readonly string[] };

const toolDirectories = ["/usr/bin", "/bin", "/usr/sbin", "/sbin", "/usr/local/bin"];
const openFilesMax = 64;
const niceness = 10;
// Any id without an account will do; not nobody's, as whom the embedded PostgreSQL runs when we are root.
const sandboxUserId = 64_242;
const oldSpaceMegabytes = 256;

/** The layers to try, strongest first; the last still has all that a run is refused without. */
export function layerCandidates(): readonly (readonly SandboxLayer[])[] {
  const base: SandboxLayer[] = [
    "dies-with-parent",
    "limits",
    ...(findTool("nice") ? (["low-priority"] as const) : []),
    "node-permissions",
    "empty-environment",
  ];
  const isRoot = process.getuid?.() === 0;
  const hasUnshare = findTool("unshare") !== null;
  return [
    ...(isRoot && hasUnshare ? [["own-user", "no-network", ...base] as const] : []),
    ...(hasUnshare ? [["no-network", ...base] as const] : []),
    ...(isRoot ? [["own-user", ...base] as const] : []),
    base,
  ];
}

/** What is left where the kernel's tools are missing: enough for one's own scenarios, not for strangers'. */
export const weakLayers: readonly SandboxLayer[] = ["node-permissions", "empty-environment"];

/** Why runs of strangers must be refused here, or null when the tools are there. */
export function missingTools(): string | null {
  if (process.platform !== "linux") return `runs need Linux (this is ${process.platform})`;
  const missing = ["setpriv", "prlimit"].filter((tool) => findTool(tool) === null);
  return missing.length === 0 ? null : `${missing.join(" and ")} of util-linux not found`;
}

/** The command line of a child with these layers. */
export function childCommand(options: {
  readonly layers: readonly SandboxLayer[];
  readonly limits: KernelLimits;
  readonly runnerDirectory: string;
}): ChildCommand {
  const words = [
    ...wrapperWords(options.layers, options.limits),
    process.execPath,
    ...nodeFlags(options.layers, options.runnerDirectory),
    join(options.runnerDirectory, "child.mjs"),
  ];
  const [program = process.execPath, ...rest] = words;
  return { program, arguments: rest };
}

/** Outermost first. The parent-death signal comes last: changing user or namespace clears it. */
function wrapperWords(layers: readonly SandboxLayer[], limits: KernelLimits): string[] {
  const has = (layer: SandboxLayer): boolean => layers.includes(layer);
  const id = String(sandboxUserId);
  return [
    ...(has("own-user")
      ? [tool("setpriv"), `--reuid=${id}`, `--regid=${id}`, "--clear-groups", "--no-new-privs", "--"]
      : []),
    ...(has("limits")
      ? [
          tool("prlimit"),
          `--data=${String(limits.dataBytesMax)}`,
          `--cpu=${String(limits.cpuSecondsMax)}`,
          `--nofile=${String(openFilesMax)}`,
          "--core=0",
        ]
      : []),
    ...(has("low-priority") ? [tool("nice"), "-n", String(niceness)] : []),
    ...(has("no-network") ? [tool("unshare"), "--map-root-user", "--net"] : []),
    ...(has("dies-with-parent") ? [tool("setpriv"), "--pdeathsig=KILL", "--no-new-privs", "--"] : []),
  ];
}

function nodeFlags(layers: readonly SandboxLayer[], runnerDirectory: string): string[] {
  return [
    ...(layers.includes("node-permissions")
      ? [permissionFlag(process.versions.node), `--allow-fs-read=${join(runnerDirectory, "*")}`]
      : []),
    `--max-old-space-size=${String(oldSpaceMegabytes)}`,
    "--no-warnings",
  ];
}

/**
 * The permission model's flag lost its `experimental-` with Node 23.5 and 22.13.
 *
 * @source Node's documentation, "Permissions", history of `--permission`
 */
export function permissionFlag(nodeVersion: string): "--permission" | "--experimental-permission" {
  const [major = 0, minor = 0] = nodeVersion.split(".").map(Number);
  const isStable = major > 23 || (major === 23 && minor >= 5) || (major === 22 && minor >= 13);
  return isStable ? "--permission" : "--experimental-permission";
}

function tool(name: string): string {
  const path = findTool(name);
  if (path === null) throw new Error(`assert: ${name} was there when the layers were chosen`);
  return path;
}

function findTool(name: string): string | null {
  return toolDirectories.map((directory) => join(directory, name)).find((path) => existsSync(path)) ?? null;
}
