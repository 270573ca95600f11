/** A machine of the user's own: JSON, read once, with every problem named by its field. */
import { nearestName } from "../../source/edit-distance.ts";
import {
  operationMeanings,
  preemptionModels,
  type CpuKind,
  type Figure,
  type FigureName,
  type MachineProfile,
  type OperationName,
} from "../profile.ts";
import { FieldReader, type Fields } from "./field-reader.ts";
import { costNsMax, figureNames, speedMax, speedMin } from "./override-costs.ts";
import { findProfile } from "./profiles.ts";

export const profileFormat = "hunkbook-profile/1";

export type ProfileReading =
  | { readonly kind: "profile"; readonly profile: MachineProfile }
  | { readonly kind: "malformed"; readonly message: string };

const textUnitsMax = 200_000;
const cpusMax = 1_024;
const hzValues = [100, 250, 300, 1000] as const;
const tlbWays = ["interrupt", "broadcast"] as const;
const keys = [
  ...["format", "name", "title", "extends", "cpus", "tlb", "preemption", "hz"],
  ...["baseSlice", "gracePeriodLo", "gracePeriodHi", "figures", "operations"],
];

/**
 * Reads a profile file. With `"extends": NAME` what it does not say is that machine's; without, it says everything but
 * operations. docs/profiles.md describes the form.
 *
 * @returns malformed with all problems, a line each, naming the field: `figures.tlbSend.value: ...`
 */
export function parseProfile(text: string): ProfileReading {
  if (text.length > textUnitsMax) return { kind: "malformed", message: "a profile has at most 200,000 characters" };
  const outcome = parseJson(text);
  if (outcome.kind === "malformed") return outcome;
  const reader = new FieldReader();
  const profile = readProfile(reader, outcome.value);
  if (profile === null || reader.problems.length > 0) return { kind: "malformed", message: reader.problems.join("\n") };
  return { kind: "profile", profile };
}

function parseJson(text: string): { kind: "json"; value: unknown } | { kind: "malformed"; message: string } {
  try {
    const value: unknown = JSON.parse(text);
    return { kind: "json", value };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { kind: "malformed", message: `not JSON: ${error.message}` };
  }
}

function readProfile(reader: FieldReader, value: unknown): MachineProfile | null {
  const fields = reader.object("", value, keys);
  if (fields === null) return null;
  const format = fields.get("format");
  if (format !== profileFormat) reader.problem("format", `write "format": "${profileFormat}"`);
  const base = readBase(reader, fields);
  if (base === "unknown") return null;
  const name = reader.text("name", fields.get("name"));
  if (name !== null && !/^[a-z][a-z0-9-]{0,39}$/.test(name))
    reader.problem("name", "small letters, digits and -, at most 40, beginning with a letter");
  if (name !== null && findProfile(name).kind === "profile")
    reader.problem("name", `"${name}" is a machine that ships; choose another name`);
  const title = reader.text("title", fields.get("title"));
  const cpus = fields.has("cpus") || base === null ? readCpus(reader, fields.get("cpus")) : base.cpus;
  const tlb = fields.has("tlb") || base === null ? reader.word("tlb", fields.get("tlb"), tlbWays) : base.tlb;
  const preemption =
    fields.has("preemption") || base === null
      ? reader.word("preemption", fields.get("preemption"), preemptionModels)
      : base.preemption;
  const hz = fields.has("hz") || base === null ? reader.oneOf("hz", fields.get("hz"), hzValues) : base.hz;
  const baseSliceNs = readTime(reader, { fields, key: "baseSlice", base: base?.baseSliceNs });
  const gracePeriodNs = readGracePeriod(reader, fields, base);
  const figures = readFigures(reader, fields, base);
  const operations = readOperations(reader, fields, base);
  if (name === null || title === null || cpus === null || tlb === null) return null;
  if (preemption === null || hz === null || baseSliceNs === null) return null;
  if (gracePeriodNs === null || figures === null || operations === null) return null;
  return { name, title, cpus, tlb, preemption, hz, baseSliceNs, gracePeriodNs, figures, operations };
}

function readBase(reader: FieldReader, fields: Fields): MachineProfile | null | "unknown" {
  if (!fields.has("extends")) return null;
  const name = reader.text("extends", fields.get("extends"));
  if (name === null) return "unknown";
  const finding = findProfile(name);
  if (finding.kind === "profile") return finding.profile;
  reader.problem("extends", finding.message);
  return "unknown";
}

function readCpus(reader: FieldReader, value: unknown): readonly CpuKind[] | null {
  const items = reader.array("cpus", value);
  if (items === null) return null;
  const kinds = items.map((item, index) => readCpuKind(reader, `cpus[${String(index)}]`, item));
  const read = kinds.filter((kind) => kind !== null);
  const count = read.reduce((sum, kind) => sum + kind.count, 0);
  if (read.length === kinds.length && (count < 1 || count > cpusMax))
    reader.problem("cpus", `from 1 to ${String(cpusMax)} CPUs together, not ${String(count)}`);
  const names = read.map((kind) => kind.name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) reader.problem("cpus", `two kinds are called "${twice}"`);
  return read;
}

function readCpuKind(reader: FieldReader, path: string, value: unknown): CpuKind | null {
  const fields = reader.object(path, value, ["name", "count", "speed"]);
  if (fields === null) return null;
  const name = reader.text(`${path}.name`, fields.get("name"));
  if (name !== null && !/^[a-z][a-z0-9-]{0,19}$/.test(name))
    reader.problem(`${path}.name`, "small letters, digits and -, at most 20, beginning with a letter");
  const count = reader.number(`${path}.count`, fields.get("count"));
  if (count !== null && (!Number.isInteger(count) || count < 1))
    reader.problem(`${path}.count`, "a whole number from 1");
  const speed = readFigure(reader, { path: `${path}.speed`, value: fields.get("speed"), unit: "ratio" });
  return name === null || count === null || speed === null ? null : { name, count, speed };
}

function readTime(
  reader: FieldReader,
  { fields, key, base }: { readonly fields: Fields; readonly key: string; readonly base: Figure | undefined },
): Figure | null {
  if (!fields.has(key) && base !== undefined) return base;
  const figure = readFigure(reader, { path: key, value: fields.get(key), unit: "ns" });
  if (figure !== null && figure.low < 1) reader.problem(key, "at least 1 ns");
  return figure;
}

function readGracePeriod(
  reader: FieldReader,
  fields: Fields,
  base: MachineProfile | null,
): MachineProfile["gracePeriodNs"] | null {
  const lo = readTime(reader, { fields, key: "gracePeriodLo", base: base?.gracePeriodNs.lo });
  const hi = readTime(reader, { fields, key: "gracePeriodHi", base: base?.gracePeriodNs.hi });
  if (lo === null || hi === null) return null;
  if (lo.value > hi.value) reader.problem("gracePeriodLo", "must not be above gracePeriodHi");
  return { lo, hi };
}

function readFigures(
  reader: FieldReader,
  fields: Fields,
  base: MachineProfile | null,
): Readonly<Record<FigureName, Figure>> | null {
  const given =
    fields.has("figures") || base === null ? reader.object("figures", fields.get("figures"), null) : emptyFields;
  if (given === null) return null;
  reportUnknown(reader, { path: "figures", given, names: figureNames });
  const figures = new Map<FigureName, Figure>();
  for (const name of figureNames) {
    const figure =
      !given.has(name) && base !== null
        ? base.figures[name]
        : readFigure(reader, { path: `figures.${name}`, value: given.get(name), unit: "ns" });
    if (figure !== null) figures.set(name, figure);
  }
  return isComplete(figures) ? completed(figures) : null;
}

const emptyFields: Fields = new Map();

function isComplete(figures: ReadonlyMap<FigureName, Figure>): boolean {
  return figureNames.every((name) => figures.has(name));
}

function completed(figures: ReadonlyMap<FigureName, Figure>): Readonly<Record<FigureName, Figure>> {
  // The caller looked: each name has its figure.
  return Object.fromEntries(figures) as Record<FigureName, Figure>;
}

function reportUnknown(
  reader: FieldReader,
  { path, given, names }: { readonly path: string; readonly given: Fields; readonly names: readonly string[] },
): void {
  for (const name of given.keys()) {
    if (names.includes(name)) continue;
    const nearest = nearestName(name, names);
    const hint = nearest === null ? `there are ${names.join(", ")}` : `did you mean "${nearest}"?`;
    reader.problem(`${path}.${name}`, `not known; ${hint}`);
  }
}

const operationNames: readonly OperationName[] = Object.keys(operationMeanings).filter(isOperationName);

function isOperationName(name: string): name is OperationName {
  return Object.hasOwn(operationMeanings, name);
}

function readOperations(
  reader: FieldReader,
  fields: Fields,
  base: MachineProfile | null,
): Readonly<Partial<Record<OperationName, Figure>>> | null {
  if (!fields.has("operations")) return base?.operations ?? {};
  const given = reader.object("operations", fields.get("operations"), null);
  if (given === null) return null;
  reportUnknown(reader, { path: "operations", given, names: operationNames });
  const operations: Partial<Record<OperationName, Figure>> = { ...base?.operations };
  for (const name of operationNames) {
    if (!given.has(name)) continue;
    const figure = readFigure(reader, { path: `operations.${name}`, value: given.get(name), unit: "ns" });
    if (figure !== null) operations[name] = figure;
  }
  return operations;
}

const figureKeys = ["value", "unit", "basis", "source", "low", "high"];

/** A cost with its source. `low` and `high` belong to estimates; a measured one has neither, or both equal to its value. */
function readFigure(
  reader: FieldReader,
  { path, value: json, unit }: { readonly path: string; readonly value: unknown; readonly unit: "ns" | "ratio" },
): Figure | null {
  const fields = reader.object(path, json, figureKeys);
  if (fields === null) return null;
  reader.word(`${path}.unit`, fields.get("unit"), [unit]);
  const basis = reader.word(`${path}.basis`, fields.get("basis"), ["measured", "estimate"] as const);
  const source = reader.text(`${path}.source`, fields.get("source"));
  const value = readAmount(reader, { path: `${path}.value`, value: fields.get("value"), unit });
  if (basis === null || source === null || value === null) return null;
  const needsRange = basis === "estimate";
  const low =
    needsRange || fields.has("low")
      ? readAmount(reader, { path: `${path}.low`, value: fields.get("low"), unit })
      : value;
  const high =
    needsRange || fields.has("high")
      ? readAmount(reader, { path: `${path}.high`, value: fields.get("high"), unit })
      : value;
  if (low === null || high === null) return null;
  if (low > value || value > high) reader.problem(path, "low <= value <= high does not hold");
  else if (!needsRange && (low !== value || high !== value))
    reader.problem(path, 'a measured figure has no range; write "basis": "estimate" to sweep it');
  return { value, unit, basis, source, low, high };
}

function readAmount(
  reader: FieldReader,
  { path, value, unit }: { readonly path: string; readonly value: unknown; readonly unit: "ns" | "ratio" },
): number | null {
  const amount = reader.number(path, value);
  if (amount === null) return null;
  if (unit === "ratio") {
    if (amount >= speedMin && amount <= speedMax) return amount;
    reader.problem(path, `from ${String(speedMin)} to ${String(speedMax)}`);
    return null;
  }
  if (Number.isInteger(amount) && amount >= 0 && amount <= costNsMax) return amount;
  reader.problem(path, `whole nanoseconds from 0 to ${String(costNsMax)}, not ${String(amount)}`);
  return null;
}
