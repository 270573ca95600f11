import { describe, expect, it } from "vitest";
import { incompleteBeta, logGamma, normalQuantile, studentQuantile, studentTail } from "./student.ts";

describe("quantiles of Student's t", () => {
  it("are those of the tables", () => {
    // Two-sided 95 %, 99 % and 90 %: any printed table.
    const table: readonly (readonly [degrees: number, p: number, t: number])[] = [
      [1, 0.975, 12.706],
      [2, 0.975, 4.303],
      [3, 0.975, 3.182],
      [4, 0.975, 2.776],
      [5, 0.975, 2.571],
      [9, 0.975, 2.262],
      [10, 0.975, 2.228],
      [19, 0.975, 2.093],
      [29, 0.975, 2.045],
      [30, 0.975, 2.042],
      [60, 0.975, 2.0],
      [120, 0.975, 1.98],
      [1, 0.995, 63.657],
      [9, 0.995, 3.25],
      [29, 0.995, 2.756],
      [1, 0.95, 6.314],
      [9, 0.95, 1.833],
      [29, 0.95, 1.699],
      [9, 0.8, 0.883],
      [4, 0.9995, 8.61],
    ];
    for (const [degrees, p, t] of table) expect(studentQuantile(p, degrees)).toBeCloseTo(t, 3 - 0.2);
  });

  it("are exact where there is a closed form", () => {
    for (const p of [0.6, 0.9, 0.99, 0.9999]) {
      expect(studentQuantile(p, 1) / Math.tan(Math.PI * (p - 0.5))).toBeCloseTo(1, 9);
      expect(studentQuantile(p, 2) / ((2 * p - 1) * Math.sqrt(2 / (4 * p * (1 - p))))).toBeCloseTo(1, 9);
    }
    expect(studentQuantile(0.5, 7)).toBe(0);
    expect(studentQuantile(0.1, 7)).toBe(-studentQuantile(0.9, 7));
  });

  it("are the normal's with many degrees", () => {
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963985, 7);
    expect(normalQuantile(0.995)).toBeCloseTo(2.575829304, 7);
    expect(normalQuantile(0.8)).toBeCloseTo(0.841621234, 7);
  });

  it("invert the tail", () => {
    for (const degrees of [1, 3, 9, 29, 99, 1000])
      for (const p of [0.51, 0.8, 0.975, 0.9999])
        expect(studentTail(studentQuantile(p, degrees), degrees)).toBeCloseTo(1 - p, 10);
  });
});

describe("special functions", () => {
  it("know gamma and beta at simple places", () => {
    expect(logGamma(1)).toBeCloseTo(0, 12);
    expect(logGamma(0.5)).toBeCloseTo(Math.log(Math.sqrt(Math.PI)), 12);
    expect(logGamma(11)).toBeCloseTo(Math.log(3628800), 10);
    expect(incompleteBeta({ x: 0.3, a: 1, b: 1 })).toBeCloseTo(0.3, 12);
    expect(incompleteBeta({ x: 0.5, a: 4, b: 4 })).toBeCloseTo(0.5, 12);
    // Sum of binomial(5, i) .4^i .6^(5-i) for i = 2..5.
    expect(incompleteBeta({ x: 0.4, a: 2, b: 4 })).toBeCloseTo(0.66304, 10);
    expect(incompleteBeta({ x: 0, a: 2, b: 4 })).toBe(0);
    expect(incompleteBeta({ x: 1, a: 2, b: 4 })).toBe(1);
  });
});
