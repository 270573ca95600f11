/** Runs the library over a small program of its own, so that a process which only waits has its code compiled. */
import { compile } from "./compile.ts";
import { explore } from "./explore/explore.ts";
import { reductionNames } from "./explore/result.ts";
import { defaultExploreLimits } from "./limits.ts";
import { assert } from "./source/assert.ts";

/** A little of all that a run goes through: structs, calls, a lock, atomic steps, properties. A hundred states or so. */
const program = `
static DEFINE_SPINLOCK(lock);
struct item { int value; struct item *next; } items[2], *head;
bool busy;
ghost int done;

static void push(struct item *item, int value)
{
	item->value = value;
	spin_lock(&lock);
	item->next = head;
	head = item;
	spin_unlock(&lock);
}

task pusher[2] {
	push(&items[me], me);
	atomic { await(!busy); busy = true; }
	WRITE_ONCE(busy, false);
	ghost done++;
	assert(done <= 2, "no third one");
}

always(done <= 2, "two pushers");
`;

/** One round, a run that holds. Some ten rounds, of a few milliseconds each, bring most of the code to speed. */
export function warmUp(): void {
  const files = [{ name: "warm-up.scn", text: program, firstLine: 1 }];
  const outcome = compile({ files, constants: new Map(), options: {} });
  assert(outcome.kind === "compiled", "the library's own program compiles");
  const result = explore(outcome.scenario, { limits: defaultExploreLimits, reductions: reductionNames });
  assert(result.verdict === "holds", "the library's own program holds");
}
