/** Which words the table of wide states (wide-table.ts) has to look at, and how generated code calls it. */
import { memoryBase } from "../program/ir.ts";
import type { Prepared } from "./prepare.ts";

/** Words that some step may write at a place known before the search. */
export function wordsWritten(prepared: Prepared): readonly number[] {
  const { image } = prepared;
  const words = new Set<number>();
  for (const slot of [...image.positionSlots, ...image.homeSlots.flat()]) words.add(slot.word);
  const ofProperties = new Set(
    prepared.properties.flatMap(({ routine }) =>
      routine.nodes.flatMap((node) =>
        node.kind === "assign" && node.target.kind === "cell" ? [node.target.cell] : [],
      ),
    ),
  );
  prepared.program.cells.forEach((cell, index) => {
    // Locals of init keep what it left in them; those of properties are put back with the state.
    if (cell.role === "local" && cell.task < 0 && !ofProperties.has(index)) return;
    for (const slot of [image.cellSlots[index], image.cellFlags[index]]) {
      if (slot !== undefined && slot !== null) words.add(slot.word);
    }
  });
  const addObject = (index: number): void => {
    const instance = image.instances[index];
    if (instance === undefined) return;
    if (instance.live !== null) words.add(instance.live.word);
    for (const cell of instance.cells) addAddress(instance.address + cell.offset);
  };
  const addAddress = (address: number): void => {
    for (const table of [image.descriptors, image.flags]) {
      const packed = table[address - memoryBase] ?? 0;
      if (packed !== 0) words.add(packed >>> 15);
    }
  };
  for (const { routine } of [...prepared.tasks, ...prepared.properties]) {
    for (const node of routine.nodes) {
      if (node.kind === "enter-scope" || node.kind === "leave-scope") addObject(node.object);
      if (node.kind === "store" && node.address.kind === "constant") addAddress(node.address.value);
      if (node.kind === "store" && node.safe) addObject(variableAt(prepared, node.address));
    }
  }
  return [...words].sort((a, b) => a - b);
}

/** Object that the address of a checked access counts from. */
function variableAt(
  prepared: Prepared,
  address: Extract<Prepared["tasks"][number]["routine"]["nodes"][number], { kind: "store" }>["address"],
): number {
  if (address.kind === "constant") return (prepared.image.owners[address.value - memoryBase] ?? 0) - 1;
  return address.kind === "binary" && address.op === "add" ? variableAt(prepared, address.left) : -1;
}

/** What stands between the generated code and the table. */
export function emitWideTable(inspects: boolean): string {
  return `
const TB=env.TABLE,VM=TB.varies;let GR=-1,n=0,cur=0,ntr=0,stop=-1;
function vary(w){if(VM[w]===0)TB.vary(w)}
function restore(o){TB.restore(o)}
function reset(statesMax,bytesMax){TB.reset(statesMax,bytesMax);n=0;cur=0;ntr=0;stop=-1}
function find(){return TB.find()}
function stored(){return {S:TB.states,PAR:TB.parents,n,cur,ntr,back:TB.back,stop,bytes:TB.bytes,GR}}
function add(parent,task){canon();const r=TB.add(parent);n=TB.count;if(TB.stop>=0)stop=TB.stop;${inspects ? "if(r)inspect(parent,task);" : ""}}
`;
}
