/**
 * TLB flushes. By interrupts: the sender pays for each CPU that now runs a task of the mm, then stays on its CPU, with
 * preemption off, until all of them have served the interrupt; interrupts that are off there delay it. CPUs that are idle or
 * run another mm are skipped. By broadcast: a fixed cost.
 *
 * @source simulator.md, DES; arch/x86/mm/tlb.c, flush_tlb_mm_range; kernel/smp.c, smp_call_function_many_cond
 */
import { elapse, interrupt } from "./cpu.ts";
import { violate, type Cpu, type Flush, type Machine, type Proceed, type Task } from "./machine.ts";

/** args: the mm that the task runs in from now on. */
export function useMm(_machine: Machine, task: Task): boolean {
  task.mm = task.arg0;
  task.answer = 0;
  return true;
}

/** args: the mm. */
export function tlbFlush(machine: Machine, task: Task): boolean {
  const { costs } = task.cpu;
  task.answer = 0;
  if (machine.broadcastsFlushes) return after(machine, task, { ns: costs.tlbBroadcast, proceed: finish });
  const others = targets(machine, task).length;
  if (others > 0 && task.irqOff > 0) {
    const message =
      "a TLB flush that has to interrupt other CPUs, with interrupts off (smp_call_function_many_cond warns)";
    return violate(machine, task, { class: "warn-on", message });
  }
  task.preemptOff += 1;
  return after(machine, task, { ns: costs.tlbFlushLocal + others * costs.tlbSend, proceed: send });
}

function after(machine: Machine, task: Task, { ns, proceed }: { ns: number; proceed: Proceed }): boolean {
  task.proceed = proceed;
  task.phase = "wait";
  return elapse(machine, task.cpu, ns) && proceed(machine, task);
}

function targets(machine: Machine, task: Task): readonly Cpu[] {
  return machine.cpus.filter((cpu) => {
    const victim = cpu.interrupted === null ? cpu.current : cpu.interrupted.task;
    return cpu !== task.cpu && victim !== null && victim.mm === task.arg0;
  });
}

/** The interrupts leave; the sender waits for the last to be served. */
function send(machine: Machine, task: Task): boolean {
  const interrupted = targets(machine, task);
  const flush: Flush = { sender: task, left: interrupted.length };
  if (flush.left === 0) return finishSending(machine, task);
  task.proceed = finishSending;
  for (const cpu of interrupted) {
    cpu.flushes.push(flush);
    interrupt(machine, cpu, cpu.costs.tlbHandle);
  }
  return false;
}

function finishSending(machine: Machine, task: Task): boolean {
  task.preemptOff -= 1;
  return finish(machine, task);
}

function finish(_machine: Machine, task: Task): boolean {
  task.proceed = null;
  task.phase = "go";
  return true;
}
