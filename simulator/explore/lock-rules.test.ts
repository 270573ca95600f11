/**
 * The rules of locks stated a second time, by hand: for each state of a lock and each operation, whether a task that
 * comes then gets it ("taken": it ends with the lock, class lock-leak), is refused, or waits for ever (deadlock).
 *
 * @source docs of the scenario language, section Blocking
 */
import { describe, expect, it } from "vitest";
import { compile, defaultExploreLimits, explore } from "../index.ts";

type Outcome = "taken" | "refused" | "waits";

const rwsem = {
  lock: "struct rw_semaphore l;",
  states: {
    free: "",
    "held by a reader": "down_read(&l);",
    "held by a writer": "down_write(&l);",
    "downgraded by a writer": "down_write(&l); downgrade_write(&l);",
  },
  table: {
    "down_read(&l)": ["taken", "taken", "waits", "taken"],
    "down_write(&l)": ["taken", "waits", "waits", "waits"],
    "down_read_trylock(&l)": ["taken", "taken", "refused", "taken"],
    "down_write_trylock(&l)": ["taken", "refused", "refused", "refused"],
  },
} as const;

const rwlock = {
  lock: "rwlock_t l;",
  states: { free: "", "held by a reader": "read_lock(&l);", "held by a writer": "write_lock(&l);" },
  table: {
    "read_lock(&l)": ["taken", "taken", "waits"],
    "write_lock(&l)": ["taken", "waits", "waits"],
    "read_trylock(&l)": ["taken", "taken", "refused"],
    "write_trylock(&l)": ["taken", "refused", "refused"],
  },
} as const;

const exclusive = (lock: string, words: { readonly take: string; readonly attempt: string }) => ({
  lock,
  states: { free: "", held: `${words.take};` },
  table: { [words.take]: ["taken", "waits"], [words.attempt]: ["taken", "refused"] } as const,
});

const locks = {
  rwsem,
  rwlock,
  mutex: exclusive("struct mutex l;", { take: "mutex_lock(&l)", attempt: "mutex_trylock(&l)" }),
  spinlock: exclusive("spinlock_t l;", { take: "spin_lock(&l)", attempt: "spin_trylock(&l)" }),
};

function outcomeOf(text: string): Outcome | string {
  const files = [{ name: "rule.scn", text, firstLine: 1 }];
  const outcome = compile({ files, constants: new Map(), options: {} });
  if (outcome.kind === "rejected") return outcome.diagnostics.map((diagnostic) => diagnostic.message).join("; ");
  const result = explore(outcome.scenario, { limits: defaultExploreLimits, reductions: [] });
  if (result.verdict === "holds") return "refused";
  if (result.class === "lock-leak") return "taken";
  return result.class === "deadlock" ? "waits" : `${result.verdict}: ${result.message}`;
}

describe.each(Object.entries(locks))("%s", (_, { lock, states, table }) => {
  for (const [operation, outcomes] of Object.entries(table)) {
    Object.entries(states).forEach(([state, setUp], index) => {
      it(`${operation} when it is ${state}: ${outcomes[index] ?? "?"}`, () => {
        expect(outcomeOf(`${lock}\ninit { ${setUp} }\ntask t { ${operation}; }\n`)).toBe(outcomes[index]);
      });
    });
  }
});

describe("an rwsem that a reader holds and a writer waits for", () => {
  // The writer waits for ever, so the run ends in a deadlock unless the newcomer is let in, which fails sooner.
  const arranged = (operation: string): string => `
struct rw_semaphore l;

init { down_read(&l); }

task writer { down_write(&l); }
task newcomer {
	await(rwsem_is_contended(&l));
	${operation}
}
`;

  it.each([
    'if (down_read_trylock(&l)) assert(0, "let in");',
    'if (down_write_trylock(&l)) assert(0, "let in");',
    'down_read(&l); assert(0, "let in");',
    'down_write(&l); assert(0, "let in");',
  ])("keeps out %s", (operation) => {
    expect(outcomeOf(arranged(operation))).toBe("waits");
  });

  it("would tell if it let somebody in", () => {
    expect(outcomeOf(arranged('if (!down_read_trylock(&l)) assert(0, "kept out");'))).toContain("kept out");
  });
});
