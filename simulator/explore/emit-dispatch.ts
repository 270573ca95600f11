/** One function for the steps of a task: by position, with the variables that each step needs. */

/** Declares the temporaries that a piece of code uses. */
export function withTemps(code: string): string {
  const temps = [...new Set(code.match(/\bt\d+\b/g) ?? [])].map((temp) => `${temp}=0`);
  return temps.length === 0 ? code : `let ${temps.join(",")};${code}`;
}

/** Longer code is a function for each position: the optimising compiler passes over functions that are too long. */
const switchedCodeMax = 8_000;

/** `function NAME(){...}`: the code of the position that the state holds. */
export function emitDispatch(parts: {
  readonly name: string;
  readonly steps: readonly string[];
  readonly before: string;
  readonly position: string;
  readonly variables: string;
}): string {
  const { name, steps, before, position, variables } = parts;
  if (steps.reduce((sum, step) => sum + step.length, 0) <= switchedCodeMax) {
    const cases = steps.map((step, at) => `case ${String(at)}:{${step}}\n`).join("");
    return `function ${name}(){${before}${variables}switch(${position}){\n${cases}}return 0}\n`;
  }
  const functions = steps.map((step, at) => `function ${name}_${String(at)}(){${variables}${step}}\n`).join("");
  const table = steps.map((_, at) => `${name}_${String(at)}`).join(",");
  return `${functions}const ${name}_=[${table}];function ${name}(){${before}return ${name}_[${position}]()}\n`;
}
