/** Reads fields of JSON that a stranger wrote. Each problem names its field; the first does not hide the others. */
import { nearestName } from "../../source/edit-distance.ts";

export type Fields = ReadonlyMap<string, unknown>;

export class FieldReader {
  readonly problems: string[] = [];

  problem(path: string, message: string): void {
    this.problems.push(path === "" ? message : `${path}: ${message}`);
  }

  /** An object with these keys and no others; `knownKeys` null: any. Null after a report. */
  object(path: string, value: unknown, knownKeys: readonly string[] | null): Fields | null {
    if (typeof value !== "object" || value === null || Array.isArray(value)) {
      this.problem(path, value === undefined ? "is missing; an object belongs here" : "an object in { } belongs here");
      return null;
    }
    const fields = new Map(Object.entries(value));
    for (const key of knownKeys === null ? [] : fields.keys()) {
      if (knownKeys === null || knownKeys.includes(key)) continue;
      const nearest = nearestName(key, knownKeys);
      const hint = nearest === null ? `there are ${knownKeys.join(", ")}` : `did you mean "${nearest}"?`;
      this.problem(path === "" ? key : `${path}.${key}`, `not known; ${hint}`);
    }
    return fields;
  }

  array(path: string, value: unknown): readonly unknown[] | null {
    if (Array.isArray(value)) return value.map((item: unknown) => item);
    this.problem(path, value === undefined ? "is missing; a list belongs here" : "a list in [ ] belongs here");
    return null;
  }

  /** A text of one line, not empty. */
  text(path: string, value: unknown): string | null {
    if (
      typeof value === "string" &&
      value !== "" &&
      value.length <= textUnitsMax &&
      !/[\u0000-\u001f\u007f]/.test(value)
    )
      return value;
    const wanted = `a text of one line, at most ${String(textUnitsMax)} characters, belongs here`;
    this.problem(path, value === undefined ? `is missing; ${wanted}` : wanted);
    return null;
  }

  number(path: string, value: unknown): number | null {
    if (typeof value === "number" && Number.isFinite(value)) return value;
    this.problem(path, value === undefined ? "is missing; a number belongs here" : "a number belongs here");
    return null;
  }

  word<T extends string>(path: string, value: unknown, words: readonly T[]): T | null {
    const found = words.find((word) => word === value);
    if (found !== undefined) return found;
    this.problem(
      path,
      `${value === undefined ? "is missing; " : ""}one of ${words.map((word) => `"${word}"`).join(", ")}`,
    );
    return null;
  }

  oneOf<T extends number>(path: string, value: unknown, numbers: readonly T[]): T | null {
    const found = numbers.find((number) => number === value);
    if (found !== undefined) return found;
    this.problem(path, `${value === undefined ? "is missing; " : ""}one of ${numbers.join(", ")}`);
    return null;
  }
}

const textUnitsMax = 500;
