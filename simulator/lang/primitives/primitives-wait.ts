/** Rows of the primitives table: wait queues, task states, sleeping by hand. `queue &` is a queue named without &. */
import type { PrimitiveAttributes, PrimitiveOp, WaitAttributes } from "../tree.ts";
import type { PrimitiveRow } from "./primitive-row.ts";

/** State bits of include/linux/sched.h. */
const states = { interruptible: 1, uninterruptible: 2, killable: 0x102, idle: 0x402 } as const;
const normal = 3;

type Form = {
  readonly infix: string;
  readonly state: number;
  readonly signal: PrimitiveAttributes["signal"];
  readonly says: string;
};

const forms: readonly Form[] = [
  { infix: "", state: states.uninterruptible, signal: "no", says: "Sleeps on the queue until the condition holds" },
  {
    infix: "_interruptible",
    state: states.interruptible,
    signal: "interruptible",
    says: "wait_event; -ERESTARTSYS on a signal",
  },
  {
    infix: "_killable",
    state: states.killable,
    signal: "killable",
    says: "wait_event; -ERESTARTSYS on a fatal signal",
  },
  { infix: "_idle", state: states.idle, signal: "no", says: "wait_event of a kernel thread without work" },
  {
    infix: "_freezable",
    state: states.interruptible,
    signal: "interruptible",
    says: "wait_event_interruptible of a task that may be frozen",
  },
];

function eventRow(
  form: Form,
  wait: Partial<WaitAttributes>,
  shape: { readonly name: string; readonly more: string; readonly says: string },
): PrimitiveRow {
  const timeout = wait.timeout === true;
  const result = timeout ? "long" : form.signal === "no" ? "void" : "int";
  const attributes = {
    signal: form.signal,
    wait: { state: form.state, exclusive: false, timeout: false, lock: "none", ...wait },
  } as const;
  return {
    op: "wait-event",
    attributes,
    signature: `${result} ${shape.name}(queue &queue, condition${shape.more})`,
    doc: `${form.says}${shape.says}.`,
  };
}

const timeLeft = "; 0 when the time is over first, else what is left of it";
const letsGo = ", with an irq lock that is let go while asleep";

const eventRows: readonly PrimitiveRow[] = [
  ...forms.flatMap((form): PrimitiveRow[] => {
    const name = `wait_event${form.infix}`;
    return [
      eventRow(form, {}, { name, more: "", says: "" }),
      eventRow(form, { timeout: true }, { name: `${name}_timeout`, more: ", long jiffies", says: timeLeft }),
    ];
  }),
  ...forms
    .filter((form) => form.infix !== "")
    .map((form) =>
      eventRow(
        form,
        { exclusive: true },
        { name: `wait_event${form.infix}_exclusive`, more: "", says: ", one woken at a time" },
      ),
    ),
  ...forms.slice(0, 2).flatMap((form): PrimitiveRow[] => {
    const name = `wait_event${form.infix}_lock_irq`;
    return [
      eventRow(form, { lock: "irq" }, { name, more: ", spinlock_t &lock", says: letsGo }),
      eventRow(
        form,
        { lock: "irq", timeout: true },
        { name: `${name}_timeout`, more: ", spinlock_t &lock, long jiffies", says: `${letsGo}${timeLeft}` },
      ),
    ];
  }),
  ...forms.slice(0, 1).map((form) => eventRow(form, {}, { name: "io_wait_event", more: "", says: ", as I/O" })),
];

/** wake_up spellings: how many exclusive waiters (0: all), which sleepers. */
const wakeUps: readonly (readonly [string, number, number, string])[] = [
  ["wake_up", 1, normal, "Wakes all waiters, of exclusive ones one."],
  ["wake_up_all", 0, normal, "Wakes all waiters."],
  ["wake_up_locked", 1, normal, "wake_up under the queue's lock."],
  ["wake_up_all_locked", 0, normal, "wake_up_all under the queue's lock."],
  ["wake_up_sync", 1, normal, "wake_up by a task that is about to sleep."],
  ["wake_up_interruptible", 1, states.interruptible, "wake_up of interruptible sleepers."],
  ["wake_up_interruptible_all", 0, states.interruptible, "wake_up_all of interruptible sleepers."],
  [
    "wake_up_interruptible_sync",
    1,
    states.interruptible,
    "wake_up of interruptible sleepers, by a task about to sleep.",
  ],
];

const wakeRows: readonly PrimitiveRow[] = [
  ...wakeUps.map(([name, count, mode, doc]): PrimitiveRow => {
    return { op: "wake-up", appended: [count, mode], signature: `void ${name}(wait_queue_head_t *queue)`, doc };
  }),
  {
    op: "wake-up",
    appended: [normal],
    signature: "void wake_up_nr(wait_queue_head_t *queue, int count)",
    doc: "Wakes all waiters, of exclusive ones so many.",
  },
  {
    op: "wake-up",
    appended: [states.interruptible],
    signature: "void wake_up_interruptible_nr(wait_queue_head_t *queue, int count)",
    doc: "wake_up_nr of interruptible sleepers.",
  },
  ...["wake_up_poll", "wake_up_interruptible_poll"].map((name): PrimitiveRow => {
    const mode = name === "wake_up_poll" ? normal : states.interruptible;
    return {
      op: "wake-up",
      appended: [1, mode],
      signature: `void ${name}(wait_queue_head_t *queue, ignored)`,
      doc: "wake_up with a poll mask.",
    };
  }),
  {
    op: "wake-up-process",
    appended: [normal],
    signature: "int wake_up_process(task *task)",
    doc: "Ends the sleep of a task; yields whether it slept.",
  },
  {
    op: "wake-up-process",
    signature: "int wake_up_state(task *task, unsigned int state)",
    doc: "Ends the sleep of a task in one of the states; yields whether it slept so.",
  },
];

function queueRow(op: PrimitiveOp, signature: string, doc: string, wait?: Partial<WaitAttributes>): PrimitiveRow {
  if (wait === undefined) return { op, signature, doc };
  return {
    op,
    signature,
    doc,
    attributes: { wait: { state: 0, exclusive: false, timeout: false, lock: "none", ...wait } },
  };
}

const queue = "wait_queue_head_t *queue";
const entry = "wait_queue_entry_t *entry";

const queueRows: readonly PrimitiveRow[] = [
  queueRow("object-init", `void init_waitqueue_head(${queue})`, "Makes it empty."),
  {
    op: "init-wait",
    appended: [0],
    signature: `void init_wait(${entry})`,
    doc: "An entry that a wake-up takes off the queue.",
  },
  {
    op: "init-wait",
    appended: [0],
    signature: `void init_wait_entry(${entry}, ignored)`,
    doc: "An entry that a wake-up takes off the queue.",
  },
  {
    op: "init-wait",
    appended: [1],
    signature: `void init_waitqueue_entry(${entry}, ignored)`,
    doc: "An entry of this task that stays on the queue when woken.",
  },
  queueRow(
    "prepare-to-wait",
    `void prepare_to_wait(${queue}, ${entry}, int state)`,
    "On the queue, and in that state.",
  ),
  queueRow(
    "prepare-to-wait",
    `bool prepare_to_wait_exclusive(${queue}, ${entry}, int state)`,
    "prepare_to_wait as one of those of whom a wake-up wakes one; yields whether the queue was empty.",
    { exclusive: true },
  ),
  queueRow("finish-wait", `void finish_wait(${queue}, ${entry})`, "Off the queue, and running."),
  queueRow("add-wait-queue", `void add_wait_queue(${queue}, ${entry})`, "On the queue."),
  queueRow(
    "add-wait-queue",
    `void add_wait_queue_exclusive(${queue}, ${entry})`,
    "On the queue, as one of those of whom a wake-up wakes one.",
    { exclusive: true },
  ),
  queueRow("remove-wait-queue", `void remove_wait_queue(${queue}, ${entry})`, "Off the queue."),
  queueRow("waitqueue-active", `int waitqueue_active(${queue})`, "Whether somebody is on the queue."),
  queueRow("waitqueue-active", `bool wq_has_sleeper(${queue})`, "A barrier, then whether somebody is on the queue."),
];

const scheduleRows: readonly PrimitiveRow[] = [
  queueRow("set-current-state", "void set_current_state(int state)", "The state in which schedule() will sleep."),
  queueRow("set-current-state", "void __set_current_state(int state)", "set_current_state without a barrier."),
  queueRow("schedule", "void schedule(void)", "Sleeps until woken, unless the task is running.", {}),
  queueRow("schedule", "void io_schedule(void)", "schedule, as I/O.", {}),
  ...(
    [
      ["schedule_timeout", 0],
      ["io_schedule_timeout", 0],
      ["schedule_timeout_interruptible", states.interruptible],
      ["schedule_timeout_uninterruptible", states.uninterruptible],
      ["schedule_timeout_killable", states.killable],
      ["schedule_timeout_idle", states.idle],
    ] as const
  ).map(([name, state]) =>
    queueRow(
      "schedule",
      `long ${name}(long jiffies)`,
      "Sleeps until woken or until the time is over; yields what is left.",
      {
        timeout: true,
        state,
      },
    ),
  ),
  queueRow(
    "signal-pending",
    "int signal_pending(task *task)",
    "Whether a signal came: 0; with `signals: on` either, and from then on 1 until it is handled.",
  ),
  queueRow("fatal-signal-pending", "int fatal_signal_pending(task *task)", "Whether a fatal signal came."),
  queueRow(
    "signal-pending-state",
    "int signal_pending_state(unsigned int state, task *task)",
    "Whether a signal came that ends a sleep in that state.",
  ),
  queueRow("flush-signals", "void flush_signals(task *task)", "Handles the signals: none is pending."),
  ...[
    ["msleep", 1_000_000],
    ["ssleep", 1_000_000_000],
    ["fsleep", 1000],
    ["msleep_interruptible", 1_000_000],
  ].map(([name, unitNs]): PrimitiveRow => {
    return {
      op: "sleep-for",
      appended: [Number(unitNs)],
      signature: `void ${String(name)}(unsigned int time)`,
      doc: "Sleeps; explore: no step, but it counts as sleeping.",
    };
  }),
  {
    op: "sleep-for",
    appended: [1000],
    signature: "void usleep_range(unsigned long least, unsigned long most)",
    doc: "Sleeps; explore: no step, but it counts as sleeping.",
  },
  ...[
    ["udelay", 1000],
    ["ndelay", 1],
    ["mdelay", 1_000_000],
  ].map(([name, unitNs]): PrimitiveRow => {
    return {
      op: "delay-for",
      appended: [Number(unitNs)],
      signature: `void ${String(name)}(unsigned long time)`,
      doc: "Time on the CPU; explore: no step.",
    };
  }),
  { op: "might-sleep", signature: "void yield(void)", doc: "Lets others run: might_sleep." },
  ...["msecs_to_jiffies", "usecs_to_jiffies"].map((name): PrimitiveRow => {
    return {
      op: "same-value",
      signature: `unsigned long ${name}(unsigned int time)`,
      doc: "The number itself: time is no value here.",
    };
  }),
];

export const waitPrimitives: readonly PrimitiveRow[] = [...eventRows, ...wakeRows, ...queueRows, ...scheduleRows];
