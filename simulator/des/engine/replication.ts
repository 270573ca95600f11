/**
 * One replication: the loop over events, and the running of tasks between them. What costs nothing is done in a row; time
 * passes in pieces on CPUs, in sleeps and in waits.
 */
import type { CodeHost } from "../timed-code.ts";
import type { ReplicationEnd, Recorder, TimelineRecorder } from "../recorder.ts";
import type { ReplicationSetting } from "../setting.ts";
import { setCpuKind, setTaskState, snapshot } from "./clocks.ts";
import { touchLine } from "./costs.ts";
import { elapse, elapseRemaining, endInterrupt, leaveCpu, mayPreempt, poke, schedule, tick } from "./cpu.ts";
import { endIrqTask, fireIrqTask, timeOfIrq } from "./irq-task.ts";
import { describeStandstill, findCycle, isStandingStill, leakOf } from "./deadlock.ts";
import { tellHeld } from "./holds.ts";
import { fail, type Cpu, type Machine, type Task } from "./machine.ts";
import { endGracePeriods } from "./locks/rcu.ts";
import { createMachine, type Plan } from "./set-up.ts";
import { slots } from "./slots.ts";
import { enqueue } from "./run-queue.ts";
import { arrive, leastLoaded, wake } from "./wake.ts";

/**
 * Runs one replication.
 *
 * @param recorder told of everything, in the order of simulated time
 * @returns all clocks at its end, which add up exactly, and why it ended; a fault is a value, never thrown
 */
export function runReplication(
  setting: ReplicationSetting,
  recorder: Recorder,
  timeline?: TimelineRecorder,
): ReplicationEnd {
  const plan = createMachine(setting, recorder, timeline ?? null);
  const { machine } = plan;
  const world = setting.program.createWorld(hostOf(machine));
  if (!("run" in world)) {
    machine.fault = world;
    return endOf(machine, "fault");
  }
  machine.world = world;
  return endOf(machine, runEvents(plan, setting));
}

function endOf(machine: Machine, stop: ReplicationEnd["stop"]): ReplicationEnd {
  if (machine.timeline !== null) {
    for (const task of machine.tasks)
      for (let hold = task.firstHold; hold !== null; hold = hold.next) tellHeld(machine, hold);
  }
  return { ...snapshot(machine), stop, fault: machine.fault };
}

function runEvents(plan: Plan, setting: ReplicationSetting): ReplicationEnd["stop"] {
  const { machine } = plan;
  arm(machine, setting);
  startTasks(machine, setting.untilNs);
  for (;;) {
    if (machine.fault !== null) return "fault";
    if (machine.events > setting.eventsMax) return "events-limit";
    if (machine.unended === 0) return finish(machine, "all-ended");
    if (machine.due.length > 0 && endDuePiece(machine)) continue;
    const slot = machine.heap.take();
    machine.now = machine.heap.takenTime;
    if (slot === slots.until) return finish(machine, "until");
    machine.events += 1;
    dispatch(plan, slot);
  }
}

function arm(machine: Machine, { untilNs, warmUpNs }: ReplicationSetting): void {
  machine.heap.arm(slots.until, untilNs);
  machine.heap.arm(slots.warmUp, warmUpNs);
  machine.heap.arm(slots.halfWay, warmUpNs + Math.floor((untilNs - warmUpNs) / 2));
}

/** All tasks are runnable from the start, spread over the CPUs that they may use. */
function startTasks(machine: Machine, untilNs: number): void {
  for (const task of machine.tasks) {
    if (task.isIrq) {
      machine.heap.arm(task.slot, timeOfIrq(machine, task, untilNs));
      continue;
    }
    setTaskState(machine, task, "runnable");
    enqueue(machine, leastLoaded(machine, task), task);
  }
  for (const cpu of machine.cpus) schedule(machine, cpu);
}

function dispatch({ machine, events }: Plan, slot: number): void {
  const event = events[slot];
  if (event === undefined) return;
  switch (event.kind) {
    case "piece":
      endPiece(machine, event.cpu);
      break;
    case "tick":
      tick(machine, event.cpu);
      checkStandstill(machine);
      break;
    case "irq":
      endInterrupt(machine, event.cpu);
      break;
    case "timer":
      if (event.task.isIrq) fireIrqTask(machine, event.task);
      else if (event.task.state === "runnable") arrive(machine, event.task);
      else wake(machine, event.task, null);
      break;
    case "warm-up":
      machine.recorder.warmUpEnds(snapshot(machine));
      break;
    case "half-way":
      machine.recorder.halfWay(snapshot(machine));
      break;
    case "grace-period":
      endGracePeriods(machine);
      break;
    case "until":
      break;
  }
}

/** Ends the first piece that is over at this instant. @returns whether there was one */
function endDuePiece(machine: Machine): boolean {
  const { due } = machine;
  while (machine.dueTaken < due.length) {
    const cpu = due[machine.dueTaken];
    machine.dueTaken += 1;
    if (cpu === undefined || !cpu.isDue) continue;
    cpu.isDue = false;
    endPiece(machine, cpu);
    return true;
  }
  due.length = 0;
  machine.dueTaken = 0;
  return false;
}

/** The piece of a CPU is over: of a switch, of an interrupt's victim, of a request. */
function endPiece(machine: Machine, cpu: Cpu): void {
  cpu.hasPiece = false;
  const task = cpu.current;
  if (task === null) return;
  machine.active = cpu;
  if (cpu.isSwitching) endSwitch(machine, cpu, task);
  else if (continueTask(machine, cpu, task)) advance(machine, cpu, task);
  machine.active = null;
}

/** The task has the CPU. Somebody may have come who should run instead; else it goes on where it stood. */
function endSwitch(machine: Machine, cpu: Cpu, task: Task): void {
  cpu.isSwitching = false;
  const state = task.isWaiting ? "spin" : "run";
  setTaskState(machine, task, state);
  setCpuKind(machine, cpu, state);
  if (cpu.needResched && mayPreempt(machine, task) && !schedule(machine, cpu)) return;
  if (task.remaining > 0 && !elapseRemaining(machine, cpu, task)) return;
  if (continueTask(machine, cpu, task)) advance(machine, cpu, task);
}

/** @returns whether the task's code may go on */
function continueTask(machine: Machine, cpu: Cpu, task: Task): boolean {
  switch (task.phase) {
    case "go":
      return true;
    case "work":
      task.phase = "go";
      return true;
    case "pay":
      return act(machine, cpu, task);
    case "request":
      return begin(machine, cpu, task);
    case "wait":
      return proceed(machine, task);
    case "end":
      stop(machine, task);
      return false;
    case "await":
      return false;
  }
}

function proceed(machine: Machine, task: Task): boolean {
  const isDone = task.proceed !== null && task.proceed(machine, task);
  if (machine.awaiting.length > 0) settle(machine);
  return isDone;
}

/** Runs the task from request to request until one takes time or has to wait. */
function advance(machine: Machine, cpu: Cpu, task: Task): void {
  const { world } = machine;
  for (;;) {
    if (machine.fault !== null || machine.events > machine.eventsMax) return;
    task.phase = "go";
    if (cpu.isInIrq || cpu.needResched) {
      if (mustWait(machine, cpu, task)) return;
    }
    // Before anybody else runs: arguments and reasons are those of the last run.
    const hasAsked = readRequest(machine, task, world.run(task.id, task.answer));
    if (machine.program.hasAlways || machine.awaiting.length > 0) settle(machine);
    if (!hasAsked) {
      stop(machine, task);
      return;
    }
    if (!begin(machine, cpu, task)) return;
  }
}

/** An interrupt has the CPU, or another task should and may have it. */
function mustWait(machine: Machine, cpu: Cpu, task: Task): boolean {
  if (cpu.needResched && mayPreempt(machine, task) && !schedule(machine, cpu)) return true;
  if (!cpu.isInIrq) return false;
  return !elapse(machine, cpu, 0);
}

/** Takes over what the code has come to: a request, its end or a fault. @returns whether it is a request */
function readRequest(machine: Machine, task: Task, number: number): boolean {
  const site = machine.sites[number];
  if (site === undefined) {
    if (machine.world.stopReason() !== "ended") fail(machine, machine.world.fault());
    return false;
  }
  const { args } = machine.world;
  task.site = site;
  task.arg0 = args[0] ?? 0;
  task.arg1 = args[1] ?? 0;
  task.arg2 = args[2] ?? 0;
  task.arg3 = args[3] ?? 0;
  if (site.kind === "work" || site.kind === "sleep") task.ns = machine.world.ns();
  return true;
}

/** A request begins: its cost is paid before it takes effect. @returns whether it is done */
function begin(machine: Machine, cpu: Cpu, task: Task): boolean {
  const { site } = task;
  if (site === null) return false;
  let ns = task.debtNs + (site.costNs[cpu.id] ?? 0);
  task.debtNs = 0;
  if (site.isAtomic) ns += touchLine(machine, cpu, task.arg0);
  task.phase = "pay";
  if (ns > 0 && !elapse(machine, cpu, ns)) return false;
  return act(machine, cpu, task);
}

/** The request takes effect. @returns whether it is done */
function act(machine: Machine, cpu: Cpu, task: Task): boolean {
  const { site } = task;
  if (site === null) return false;
  if (cpu.needResched && site.maySleep && machine.preemption === "voluntary" && task.preemptOff === 0) {
    if (!schedule(machine, cpu)) return false;
  }
  machine.events += 1;
  const isDone = site.handler(machine, task);
  if (machine.awaiting.length > 0) settle(machine);
  return isDone;
}

/** The task's code has come to its end. */
function stop(machine: Machine, task: Task): void {
  if (machine.fault !== null) return;
  const leak = leakOf(machine, task);
  if (leak !== null) fail(machine, leak);
  task.hasEnded = true;
  if (!task.isHelper) machine.unended -= 1;
  if (task.isIrq) endIrqTask(machine, task);
  else leaveCpu(machine, task, "outside");
}

/** After an instant: properties, and whoever awaits a condition that may be true now. */
function settle(machine: Machine): void {
  const { world, awaiting } = machine;
  let changes = world.writes() + machine.lockChanges;
  if (changes === machine.settledChanges) return;
  checkAlways(machine);
  while (machine.fault === null && awaiting.length > 0 && changes !== machine.settledChanges) {
    machine.settledChanges = changes;
    reconsider(machine);
    changes = world.writes() + machine.lockChanges;
    if (changes !== machine.settledChanges) checkAlways(machine);
  }
  machine.settledChanges = changes;
}

function checkAlways(machine: Machine): void {
  if (!machine.program.hasAlways) return;
  const fault = machine.world.checkAlways();
  if (fault !== null) fail(machine, fault);
}

/** Lets everybody who awaits a condition look at it; whose is true comes to its next request and is woken. */
function reconsider(machine: Machine): void {
  const { awaiting } = machine;
  let kept = 0;
  const count = awaiting.length;
  for (let at = 0; at < count; at += 1) {
    const task = awaiting[at];
    if (task === undefined) continue;
    const number = machine.world.run(task.id, 0);
    if (machine.sites[number]?.kind === "await") {
      awaiting[kept] = task;
      kept += 1;
      continue;
    }
    task.phase = readRequest(machine, task, number) ? "request" : "end";
    goOn(machine, task);
  }
  awaiting.splice(kept, count - kept);
}

/** Who awaited in atomic context has spun on its CPU. */
function goOn(machine: Machine, task: Task): void {
  if (task.state === "asleep") wake(machine, task, machine.active?.current ?? null);
  else poke(machine, task, 0);
}

/** The end asked for, or that of the last task. What can never end any more is a fault here too. */
function finish(machine: Machine, stop: ReplicationEnd["stop"]): ReplicationEnd["stop"] {
  if (stop === "all-ended") {
    const fault = machine.world.checkFinally();
    if (fault !== null) fail(machine, fault);
  } else {
    checkStandstill(machine);
    const cycle = findCycle(machine);
    if (cycle !== null) fail(machine, cycle);
  }
  return machine.fault === null ? stop : "fault";
}

/** When nothing but ticks and marks is to come, tasks that wait will wait for ever. */
function checkStandstill(machine: Machine): void {
  if (machine.fault !== null || !isStandingStill(machine)) return;
  const standstill = describeStandstill(machine);
  if (standstill !== null) fail(machine, standstill);
}

/** What the code asks for while it runs. Task -1 is nobody: init bodies and properties. */
function hostOf(machine: Machine): CodeHost {
  const taskAt = (task: number): Task => machine.tasks[task] ?? machine.nobody;
  return {
    choose: (task, site, lo, hi) => machine.streams.choose(task, site, { lo, hi }),
    uniform: (task, site) => machine.streams.uniform(task, site),
    touch: (task, address) => {
      if (task >= 0) taskAt(task).debtNs += touchLine(machine, taskAt(task).cpu, address);
    },
    note: (task, note) => {
      machine.recorder.note(task, note);
    },
    inReadSection: (task) => taskAt(task).readSections > 0,
    atOnce: (task, site, args) => doAtOnce(machine, { task: taskAt(task), site, args }),
  };
}

/** A request inside atomic { }: done in no time, or null when it would have to wait. */
function doAtOnce(
  machine: Machine,
  { task, site, args }: { task: Task; site: number; args: Int32Array },
): number | null {
  const prepared = machine.sites[site];
  if (prepared === undefined) return null;
  task.site = prepared;
  task.arg0 = args[0] ?? 0;
  task.arg1 = args[1] ?? 0;
  task.arg2 = args[2] ?? 0;
  task.arg3 = args[3] ?? 0;
  if (prepared.mayDoAtOnce !== null && !prepared.mayDoAtOnce(machine, task)) return null;
  // The code goes on at once: its CPU may not be given away under it.
  if (prepared.kind === "cond-resched") return 0;
  prepared.handler(machine, task);
  return task.answer;
}
