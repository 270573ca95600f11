/**
 * The hash table of states of many words. Most words of a large memory never change after init, so the table looks only
 * at those that a step has written so far. A word that is written for the first time joins them; states hashed before had
 * it as init left it, so a hash to which an unchanged word adds nothing stays right.
 *
 * Names: VM[w] 1 when word w may change, VI the VN words that may, C the first initial state, HK a factor for each word.
 * Slots hold number + 1 and the hash.
 */
import { memoryBase } from "../program/ir.ts";
import { limitCode } from "./emit-routine.ts";
import { tableSlotsFast, tableSlotsFirst } from "./engine-source.ts";
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

export function emitWideTable(words: number, inspects: boolean): string {
  const W = String(words);
  const mix = "h^=h>>>16;h=Math.imul(h,0x85ebca6b);h^=h>>>13;h=Math.imul(h,0xc2b2ae35);h^=h>>>16;";
  const hash = `let h=0x9e3779b9|0;for(let k=0;k<VN_;k++){const w=VI[k],x=Y[w]^C[w];if(x!==0)h=h+Math.imul(x^(x>>>15),HK[w])|0}${mix}`;
  return `
const VM=new Uint8Array(${W}),VI=new Int32Array(${W}),C=new Int32Array(${W}),HK=new Int32Array(${W});let VN_=0;
for(let w=0,x=0x2545f491;w<${W};w++){x^=x<<13;x^=x>>>17;x^=x<<5;HK[w]=x|1}
function vary(w){if(VM[w]===0){VM[w]=1;VI[VN_++]=w}}
function begin(){VM.fill(0);VN_=0;for(const w of env.WRITTEN)vary(w);C.set(Y)}
function restore(o){for(let k=0;k<VN_;k++){const w=VI[k];Y[w]=S[o+w]}}
function same(o){for(let k=0;k<VN_;k++){const w=VI[k];if(S[o+w]!==Y[w])return false}return true}
let GR=-1,S=null,T=null,PAR=null,TM=0,TL=0,CAP=0,TCAP=0,n=0,cur=0,ntr=0,back=0,stop=-1,STMAX=0,BYTES=0;
function bytesOf(cap,slots){return cap*4*${String(words + 1)}+slots*8}
function reset(statesMax,bytesMax){STMAX=statesMax;BYTES=bytesMax;n=0;cur=0;ntr=0;back=0;stop=-1;
 CAP=1024;TCAP=${String(tableSlotsFirst)};while(TCAP>4096&&bytesOf(CAP,TCAP)*4>BYTES)TCAP/=2;
 S=new Int32Array(CAP*${W});PAR=new Int32Array(CAP);T=new Int32Array(TCAP*2);TM=TCAP-1;TL=T.length}
function growStates(){const cap=CAP<1<<20?CAP*2:Math.ceil(CAP*1.5);
 if(bytesOf(cap,TCAP)>BYTES||cap*${W}>2000000000){stop=${String(limitCode("memory"))};return false}
 const a=new Int32Array(cap*${W});a.set(S);S=a;const b=new Int32Array(cap);b.set(PAR);PAR=b;CAP=cap;return true}
function growTable(){const cap=TCAP<${String(tableSlotsFast)}?TCAP*4:TCAP*2;
 if(bytesOf(CAP,cap)>BYTES){stop=${String(limitCode("memory"))};return false}
 const N=new Int32Array(cap*2),M=cap-1,L=N.length;
 for(let p=0;p<TL;p+=2){if(T[p]===0)continue;let q=(T[p+1]&M)*2;while(N[q]!==0){q+=2;if(q>=L)q=0}N[q]=T[p];N[q+1]=T[p+1]}
 T=N;TM=M;TL=L;TCAP=cap;return true}
/* Number of the state in Y; -1 when it is not known and was not added. */
function find(){${hash}let q=(h&TM)*2;
 for(;;){const e=T[q];if(e===0)return -1;if(T[q+1]===h&&same((e-1)*${W}))return e-1;q+=2;if(q>=TL)q=0}}
function add(parent,task){canon();if(parent<0){if(n===0)begin();else for(let w=0;w<${W};w++)if(Y[w]!==C[w])vary(w)}
 ${hash}let q=(h&TM)*2;
 for(;;){const e=T[q];if(e===0)break;if(T[q+1]===h&&same((e-1)*${W})){if(e-1<=parent)back=1;return}q+=2;if(q>=TL)q=0}
 if(n>=STMAX){stop=${String(limitCode("states"))};return}
 T[q]=n+1;T[q+1]=h;
 if(n>=CAP&&!growStates()){T[q]=0;return}
 S.set(Y,n*${W});PAR[n]=parent;n++;
 if(n*8>TCAP*5&&!growTable())return;
 ${inspects ? "inspect(parent,task);" : ""}}
`;
}
