/**
 * Generated code of the symmetry reduction: `canon()` sorts the tasks of each class by what the state says of them and
 * renames them everywhere. PM[k] is the number that task k had before.
 */
import { packDescriptor, type Slot } from "../program/image.ts";
import { emitSlot } from "./emit-expression.ts";
import type { BlockSlot, SymmetryPlan, TaskClass } from "./symmetry.ts";

/** Lock words that the order of tasks takes into account; more would cost more than they merge. */
const orderedNamingsMax = 48;

/** Tables that `canon` works on. */
export function symmetryTables(plan: SymmetryPlan): Record<string, unknown> {
  const describe = (slot: Slot): number => packDescriptor(slot, 0);
  return {
    CLASSES: plan.classes.map((each) => ({
      tasks: each.tasks,
      blocks: each.blocks.map((block) => Int32Array.from(block.map(({ slot }) => describe(slot)))),
      address: Uint8Array.from((each.blocks[0] ?? []).map(({ holds }) => (holds === "address" ? 1 : 0))),
      from: each.frames.map(([from]) => from),
      to: each.frames.map(([, to]) => to),
      buffer: new Int32Array(each.tasks.length * (each.blocks[0]?.length ?? 0)),
      order: each.tasks.map((_, index) => index),
    })),
    NAMINGS: Int32Array.from(plan.namings.flatMap(({ slot, encoding }) => [describe(slot), encodings[encoding]])),
  };
}

const encodings = { owner: 0, tasks: 1, pairs: 2 } as const;

/** `function canon()`; sets SB when a variable looks like an address that it must not be. */
export function emitCanon(plan: SymmetryPlan, tasks: number): string {
  const classes = plan.classes.map((each, index) => emitClass(plan, each, index)).join("");
  return `
const PM=new Int32Array(${String(tasks + 1)}),RN=new Int32Array(${String(tasks + 1)});let SB=0;
function sortClass(c,K){const q=env.CLASSES[c],n=q.tasks.length,o=q.order;for(let i=0;i<n;i++)o[i]=i;
 for(let i=1;i<n;i++){const v=o[i];let j=i-1;
  for(;j>=0;j--){let d=0;for(let k=0;k<K&&d===0;k++)d=SG[o[j]*K+k]-SG[v*K+k];if(d<=0)break;o[j+1]=o[j]}
  o[j+1]=v}
 const m=q.blocks[0].length,B=q.buffer;
 for(let i=0;i<n;i++){const s=o[i],b=q.blocks[s],f=q.from[s],t=q.to[s],move=q.from[i]-f;
  for(let k=0;k<m;k++){let v=bit(b[k]);if(q.address[k]!==0&&v>=f&&v<t)v=v+move|0;B[i*m+k]=v}}
 for(let i=0;i<n;i++){const b=q.blocks[i];for(let k=0;k<m;k++)put(b[k],B[i*m+k]);PM[q.tasks[i]]=q.tasks[o[i]];RN[q.tasks[o[i]]]=q.tasks[i]}}
function rename(){const N=env.NAMINGS;for(let j=0;j<N.length;j+=2){const d=N[j],e=N[j+1],v=bit(d);if(v===0)continue;
 if(e===0){put(d,RN[v-1]+1);continue}
 let w=0;if(e===1){for(let k=0;k<=${String(tasks)};k++)if((v>>>k)&1)w|=1<<RN[k]}
 else for(let k=0;k<=${String(tasks)};k++)w|=((v>>>(2*k))&3)<<(2*RN[k]);
 put(d,w)}}
const SG=new Int32Array(${String(signatureWordsMax(plan))});
function canon(){if(PL!==0)return;let changed=false;for(let k=0;k<=${String(tasks)};k++){PM[k]=k;RN[k]=k}
${classes} if(changed)rename()}
`;
}

function signatureWordsMax(plan: SymmetryPlan): number {
  return Math.max(
    1,
    ...plan.classes.map((each, index) => signature(plan, each, { member: 0, index }).length * each.tasks.length),
  );
}

/** Signatures of the tasks of a class, then a sort if they are out of order. */
function emitClass(plan: SymmetryPlan, each: TaskClass, index: number): string {
  const signatures = each.tasks.map((_, member) => signature(plan, each, { member, index }));
  const width = signatures[0]?.length ?? 0;
  const store = signatures
    .flatMap((words, member) => words.map((word, at) => `SG[${String(member * width + at)}]=${word};`))
    .join("");
  const inOrder = (member: number): string => {
    let out = "false";
    for (let at = width - 1; at >= 0; at -= 1) {
      const left = `SG[${String(member * width + at)}]`;
      const right = `SG[${String((member + 1) * width + at)}]`;
      out = `(${left}>${right}||${left}===${right}&&${out})`;
    }
    return out;
  };
  const pairs = Array.from({ length: each.tasks.length - 1 }, (_, member) => inOrder(member));
  return ` ${store}${emitGuards(each)}if(${pairs.join("||")}){changed=true;sortClass(${String(index)},${String(width)})}\n`;
}

/** A number that lies where the task's variables do could be an address: then no task is renamed in this search. */
function emitGuards(each: TaskClass): string {
  return each.blocks
    .flatMap((block, member) => {
      const [from, to] = each.frames[member] ?? [0, 0];
      if (from === to) return [];
      return block
        .filter(({ holds }) => holds === "number")
        .map(({ slot }) => `if(${emitSlot(slot)}>=${String(from)}&&${emitSlot(slot)}<${String(to)})SB=1;`);
    })
    .join("");
}

/** 32-bit words by which the tasks of a class are put in order; subtraction of two must not overflow: 31 bits each. */
function signature(
  plan: SymmetryPlan,
  each: TaskClass,
  at: { readonly member: number; readonly index: number },
): readonly string[] {
  const task = each.tasks[at.member] ?? 0;
  const parts: { readonly text: string; readonly bits: number }[] = [];
  for (const part of each.blocks[at.member] ?? []) parts.push(...partsOf(each, part, at.member));
  for (const { slot, encoding } of plan.namings.slice(0, orderedNamingsMax)) {
    if (encoding === "owner") parts.push({ text: `(${emitSlot(slot)}===${String(task + 1)}?1:0)`, bits: 1 });
    if (encoding === "tasks") parts.push({ text: `((${emitSlot(slot)}>>>${String(task)})&1)`, bits: 1 });
    if (encoding === "pairs") parts.push({ text: `((${emitSlot(slot)}>>>${String(2 * task)})&3)`, bits: 2 });
  }
  return packParts(parts);
}

function partsOf(
  each: TaskClass,
  part: BlockSlot,
  member: number,
): readonly { readonly text: string; readonly bits: number }[] {
  const text = emitSlot(part.slot);
  if (part.slot.bits < 31) return [{ text, bits: part.slot.bits }];
  const [from, to] = each.frames[member] ?? [0, 0];
  const [first] = each.frames[0] ?? [0, 0];
  const moved =
    part.holds === "address" && from !== to
      ? `(${text}>=${String(from)}&&${text}<${String(to)}?${text}-${String(from)}+${String(first)}:${text})`
      : text;
  return [
    { text: `(${moved}>>>16)`, bits: 16 },
    { text: `(${moved}&65535)`, bits: 16 },
  ];
}

const signatureBits = 30;

function packParts(parts: readonly { readonly text: string; readonly bits: number }[]): readonly string[] {
  const words: string[] = [];
  let used = signatureBits + 1;
  for (const { text, bits } of parts) {
    if (used + bits > signatureBits) {
      words.push(text);
      used = bits;
      continue;
    }
    words[words.length - 1] += `|(${text}<<${String(used)})`;
    used += bits;
  }
  return words.map((word) => `(${word})`);
}
