// Packages, by npm's lock file. Only node: built-ins here: this runs before anything is installed.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** Installs what package-lock.json says, unless exactly that is installed already. */
export async function installPackages(root, print) {
  const wanted = createHash("sha256")
    .update(readFileSync(join(root, "package-lock.json")))
    .digest("hex");
  const marker = join(root, "node_modules/.hunkbook-lock");
  if (existsSync(marker) && readFileSync(marker, "utf8") === wanted) return;
  if (!isInstalled(root)) {
    print("Installing packages (once, and after each change of package-lock.json) ...");
    await npmCleanInstall(root);
  }
  writeFileSync(marker, wanted);
}

/** Somebody may have run `npm ci` by hand: npm notes what it installed in a lock file of its own. */
function isInstalled(root) {
  const installedPath = join(root, "node_modules/.package-lock.json");
  if (!existsSync(installedPath)) return false;
  const installed = JSON.parse(readFileSync(installedPath, "utf8")).packages;
  const wanted = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")).packages;
  return Object.entries(wanted).every(
    ([path, { integrity, optional }]) =>
      path === "" || (installed[path] ? installed[path].integrity === integrity : optional === true),
  );
}

/**
 * --include=dev: NODE_ENV=production would leave out what the build needs. --ignore-scripts: nothing that is installed
 * runs code of its own; what their scripts would do is done by us (see docs/decisions/0004).
 */
async function npmCleanInstall(root) {
  const args = [
    "ci",
    "--include=dev",
    "--include=optional",
    "--ignore-scripts",
    "--no-audit",
    "--no-fund",
    "--loglevel=error",
  ];
  const npmCli = process.env.npm_execpath;
  const npm = npmCli?.endsWith(".js")
    ? { command: process.execPath, args: [npmCli, ...args] }
    : { command: "npm", args };
  await runThrough({ ...npm, root, environment: process.env });
}

/** Runs a program in the foreground; Ctrl-C in the terminal reaches it too. It ends with us even when we are killed. */
export async function runThrough({ command, args, root, environment, output = "inherit" }) {
  const guarded = process.platform === "linux" && existsSync("/usr/bin/setpriv");
  const child = guarded
    ? spawn("/usr/bin/setpriv", ["--pdeathsig", "KILL", "--", command, ...args], {
        cwd: root,
        env: environment,
        stdio: output,
      })
    : spawn(command, args, { cwd: root, env: environment, stdio: output });
  let said = "";
  child.stdout?.on("data", (chunk) => (said += chunk));
  child.stderr?.on("data", (chunk) => (said += chunk));
  const how = await new Promise((resolve) => {
    child.once("error", (error) => resolve(error.message));
    child.once("close", (code, signal) => resolve(code === 0 ? null : (signal ?? `exit code ${code}`)));
  });
  if (how !== null) throw new Error(`${command} ${args[0]} failed (${how})\n${said}`);
  return said;
}
