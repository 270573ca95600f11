/**
 * Small scenarios under tests/timed: the requests of each task, in turns, as text beside them. `UPDATE_EXPECTED=1` accepts.
 * The host answers 1 to whatever is asked, draws 0.25, and lets each task ask once a turn.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { CodeHost, TimedProgram } from "../timed-code.ts";
import { compileTimed } from "./compile-timed.ts";

const folder = new URL("../../../tests/timed/", import.meta.url);
const accept = process.env["UPDATE_EXPECTED"] === "1";

function compiled(text: string): TimedProgram {
  const outcome = compileTimed({ files: [{ name: "t.scn", text, firstLine: 1 }], constants: new Map(), options: {} });
  if (outcome.kind === "rejected") throw new Error(outcome.diagnostics.map((each) => each.message).join("\n"));
  return outcome.program;
}

/** Arguments up to the last that is not 0; addresses by name. */
function tell(program: TimedProgram, site: number, args: Int32Array): string {
  const asked = program.sites[site];
  const values = [...args.slice(0, 4)].map((value) => (value >= 0x10000 ? program.nameOf(value).name : String(value)));
  const used = values.slice(0, values.findLastIndex((value) => value !== "0") + 1);
  const irq = asked?.irq === "none" ? "" : ` ${asked?.irq ?? ""}`;
  return `${asked?.kind ?? "?"}(${used.join(", ")})${irq} line ${String(asked?.place.line)}`;
}

function play(program: TimedProgram): string {
  const lines: string[] = [];
  const host: CodeHost = {
    choose: (_task, _site, lo) => lo,
    uniform: () => 0.25,
    touch: (task, address) => lines.push(`${String(task)} touches ${program.nameOf(address).name}`),
    note: (task, note) => lines.push(`${String(task)} notes ${program.notes[note]?.text ?? ""}`),
    inReadSection: () => false,
    atOnce: (task, site, args) => {
      lines.push(`${String(task)} at once ${tell(program, site, args)}`);
      return 1;
    },
  };
  const world = program.createWorld(host);
  if (!("run" in world)) return `${world.class}: ${world.message}`;
  const going = new Set(Array.from({ length: program.taskCount }, (_, task) => task));
  for (let turn = 0; turn < 30 && going.size > 0; turn += 1) {
    for (const task of going) {
      world.args.fill(0);
      const site = world.run(task, 1);
      const kind = program.sites[site]?.kind;
      const ns = kind === "work" || kind === "sleep" ? ` ${String(world.ns())} ns` : "";
      if (site >= 0) lines.push(`${String(task)} ${tell(program, site, world.args)}${ns}`);
      else {
        going.delete(task);
        lines.push(
          `${String(task)} ${world.stopReason()}${world.stopReason() === "ended" ? "" : `: ${world.fault().message}`}`,
        );
      }
    }
  }
  return `${lines.join("\n")}\n`;
}

describe("timed code", () => {
  for (const name of readdirSync(folder).filter((each) => each.endsWith(".scn"))) {
    it(`asks what ${name} says`, () => {
      const actual = play(compiled(readFileSync(new URL(name, folder), "utf8")));
      const expectedFile = new URL(name.replace(/\.scn$/, ".expected"), folder);
      if (accept) writeFileSync(expectedFile, actual);
      expect(actual).toBe(existsSync(expectedFile) ? readFileSync(expectedFile, "utf8") : "(no expected file)");
    });
  }

  it("gives each of 1,000 tasks locals and objects of its own", () => {
    const program = compiled(
      "int seen[1000]; static void set(int *p, int v) { *p = v; }\n" +
        'task t[1000] { int a = me; int b[3]; set(&b[1], me * 2); sleep(1us); seen[me] = a + b[1]; assert(seen[me] == 3 * me, "own"); }',
    );
    const text = play(program).split("\n");
    expect(text.filter((line) => line.endsWith(" ended")).length).toBe(1000);
    expect(text.filter((line) => line.includes("violation"))).toEqual([]);
  });

  it("says what was read that was never written, and what is no memory", () => {
    const fault = (body: string): string =>
      play(compiled(`struct s { int a; }; task t { ${body} }`))
        .split("\n")
        .at(-2) ?? "";
    expect(fault("struct s *p = kmalloc(sizeof(*p), GFP_KERNEL); int x = p->a;")).toContain("never written");
    expect(fault("struct s *p = NULL; mutex_lock((struct mutex *)p);")).toContain("null pointer");
    expect(fault("struct s *p = kzalloc(sizeof(*p), GFP_KERNEL); kfree(p); p->a = 1;")).toContain("freed memory");
    expect(fault("int a[2], i; for (i = 0; i < 3; i++) a[i] = 0;")).toContain("index outside");
  });
});
