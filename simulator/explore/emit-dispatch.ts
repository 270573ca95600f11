/** One function for the steps of a task: by position, with the variables that each step needs. */

/** Declares the temporaries that a piece of code uses. */
export function withTemps(code: string): string {
  const temps = [...new Set(code.match(/\bt\d+\b/g) ?? [])].map((temp) => `${temp}=0`);
  return temps.length === 0 ? code : `let ${temps.join(",")};${code}`;
}

/** Longer code is a function for each position: the optimising compiler passes over functions that are too long. */
const switchedCodeMax = 8_000;

/** Writes the code of a position when it is first come to; by the name of the function that asks. */
export type LateCode = Map<string, (position: number) => string>;

/** What looks code up that was not written yet. It sees all names of the module, as code written at once does. */
export const lateLookup = "function late(of_,at_){return eval(env.LATE.get(of_)(at_))}\n";

/**
 * `function NAME(){...}`: the code of the position that the state holds. With `late`, code is written as it is come to: most
 * runs come to few positions of a large program.
 */
export function emitDispatch(parts: {
  readonly name: string;
  readonly count: number;
  readonly step: (position: number) => string;
  readonly late: LateCode | null;
  readonly before: string;
  readonly position: string;
  readonly variables: string;
}): string {
  const { name, count, step, late, before, position, variables } = parts;
  if (late !== null) {
    late.set(name, (at) => `(function ${name}_${String(at)}(){${variables}${step(at)}})`);
    return `const ${name}_=[];function ${name}(){${before}const p=${position};let f=${name}_[p];if(f===undefined)f=${name}_[p]=late("${name}",p);return f()}\n`;
  }
  const steps = Array.from({ length: count }, (_, at) => step(at));
  if (steps.reduce((sum, code) => sum + code.length, 0) <= switchedCodeMax) {
    const cases = steps.map((code, at) => `case ${String(at)}:{${code}}\n`).join("");
    return `function ${name}(){${before}${variables}switch(${position}){\n${cases}}return 0}\n`;
  }
  const functions = steps.map((code, at) => `function ${name}_${String(at)}(){${variables}${code}}\n`).join("");
  const table = steps.map((_, at) => `${name}_${String(at)}`).join(",");
  return `${functions}const ${name}_=[${table}];function ${name}(){${before}return ${name}_[${position}]()}\n`;
}
