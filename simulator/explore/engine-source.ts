/**
 * The part of the generated program that is the same for every scenario: memory access by address, allocation,
 * choice, the hash table and the search loop. Word counts are unrolled; everything else is data in tables.
 *
 * Names: Y scratch state, S all states (also the queue), T hash table of (number + 1, words), PAR parents.
 * VN/VC node and class of a violation, LI limit, R result of a property, PN notes of the step.
 */
import { heapObjectsMax } from "../limits.ts";
import { memoryBase } from "../program/ir.ts";
import { classCode, limitCode, logBits } from "./emit-routine.ts";
import { tableSlotsFast, tableSlotsFirst } from "./wide-table.ts";

export type EngineShape = {
  readonly words: number;
  readonly tasks: number;
  readonly hasAlways: boolean;
  readonly hasSometimes: boolean;
  readonly hasFinally: boolean;
  readonly hasNotes: boolean;
  readonly hasRaces: boolean;
  /** By task: whether a step of it can choose. */
  readonly choosing: readonly boolean[];
};

function repeat(words: number, emit: (word: number) => string): string {
  return Array.from({ length: words }, (_, word) => emit(word)).join("");
}

/** State of the generated module and memory access. */
export function emitMemory(wide: boolean): string {
  return `
const {Y,D,FL,OW,LV,RD,PT,IA,IS,IK,RL,LK,CF,POOLS,PS,CD0,ASSERTED}=env;
const SZ=D.length;
let VN=-1,VC=-1,LI=-1,R=0,ME=-1,GROW=-1,LG=0,RA=0,PN=[];
let LOG=null,ln=0,FX=0;
let CN=0,CD=0;const CV=[],CM=[];
function pick(n){if(CD===CN){CV[CN]=0;CM[CN]=n;CN++}else if(CM[CD]===1073741824)CM[CD]=n;return CV[CD++]}
function more(){while(CN>0&&++CV[CN-1]>=CM[CN-1])CN--;return CN>0}
function bit(d){return (Y[d>>>15]>>>((d>>>10)&31))&(-1>>>(32-(d&63)))}
function put(d,v){${wide ? "vary(d>>>15);" : ""}const s=(d>>>10)&31,m=(-1>>>(32-(d&63)))<<s,w=d>>>15;Y[w]=Y[w]&~m|(v<<s)&m}
function at(a,g){const i=a-${String(memoryBase)}|0;
 if(i>=0&&i<SZ){const d=D[i];if(d!==0&&((d>>>6)&15)===g){const l=LV[OW[i]];if(l===0||bit(l)!==0)return d;return dead(i,d)}}
 return bad(a)}
function dead(i,d){const o=OW[i],r=RD[o];
 if(r!==0&&ME>=0&&((bit(r)>>>ME)&1)!==0)return d;
 VC=IK[o]===2?${String(classCode("use-after-free"))}:${String(classCode("use-after-scope"))};return 0}
function bad(a){const u=a>>>0,i=a-${String(memoryBase)}|0;VC=${String(classCode("wild-pointer"))};
 if(u<4096){VC=${String(classCode("null-deref"))};return 0}
 if(i>=0&&i<SZ&&OW[i]!==0){const o=OW[i],l=LV[o];
  if(l!==0&&bit(l)===0)return dead(i,0);
  if(a>=IA[o]+IS[o])VC=${String(classCode("out-of-bounds"))}}
 return 0}
function raw(a){const f=FL[a-${String(memoryBase)}];return f!==0&&bit(f)!==0}
function written(a){const f=FL[a-${String(memoryBase)}];if(f!==0)put(f,0)}
function own(a,k){const i=a-${String(memoryBase)}|0;return i>=0&&i<SZ&&PT[OW[i]]===k+1}
`;
}

/** Pools, lock leaks and RCU bookkeeping. `watched`: what they touch goes into the log of accesses. */
export function emitHeap(watched: boolean): string {
  const taken = watched ? `FX=1;LOG[ln++]=(SZ+p)<<${String(logBits.shift)}|${String(logBits.write)};` : "";
  const released = watched
    ? `LOG[ln++]=(SZ+env.IP[o])<<${String(logBits.shift)}|${String(logBits.write)};` +
      `for(let b=IA[o]-${String(memoryBase)},j=0;j<IS[o];j++)if(D[b+j]!==0)LOG[ln++]=(b+j)<<${String(logBits.shift)}|${String(logBits.write)};`
    : "";
  const readers = watched ? `for(let j=0;j<env.CDP.length;j++)LOG[ln++]=env.CDP[j]<<${String(logBits.shift)};` : "";
  const left = watched
    ? `;if(env.RLP[j]>=0)LOG[ln++]=env.RLP[j]<<${String(logBits.shift)}|${String(logBits.write)}`
    : "";
  return `
function stale(o){const lo=IA[o]-env.REACH,hi=IA[o]+IS[o]+env.REACH;for(let j=0;j<PS.length;j++){const v=Y[PS[j]];if(v>=lo&&v<hi)return true}return false}
function revive(o,zeroed){const l=LV[o];put(l,1);if(RD[o]!==0)put(RD[o],0);
 const c=CF[o];for(let j=0;j<c.length;j+=2){if(zeroed){put(c[j],0)}if(c[j+1]!==0)put(c[j+1],zeroed?0:1)}}
function take(p,zeroed){const q=POOLS[p];${taken}
 if(q.stack!==null){const n=bit(q.count);if(n===0)return 0;const k=bit(q.stack[n-1]);put(q.stack[n-1],0);put(q.count,n-1);
  const o=q.first+k;put(LV[o],1);if(RD[o]!==0)put(RD[o],0);
  if(zeroed){const c=CF[o];for(let j=0;j<c.length;j+=2){put(c[j],0);if(c[j+1]!==0)put(c[j+1],0)}}
  return IA[o]}
 if(env.REUSE){const found=[];let fresh=0;for(let k=0;k<q.slots;k++){const o=q.first+k;if(bit(LV[o])!==0)continue;
   if(stale(o))found.push(o);else if(fresh===0)fresh=o}
  if(fresh!==0){found.unshift(fresh);const o=found[found.length>1?pick(found.length):0];revive(o,zeroed);return IA[o]}}
 else for(let k=0;k<q.slots;k++){const o=q.first+k;if(bit(LV[o])===0&&!stale(o)){revive(o,zeroed);return IA[o]}}
 GROW=p;LI=${String(limitCode("objects"))};return 0}
function release(a,pool){if(a===0)return true;const i=a-${String(memoryBase)}|0;const o=i>=0&&i<SZ?OW[i]:0;
 if(o===0||IK[o]!==2||a!==IA[o]){VC=${String(classCode("bad-free"))};return false}
 const q=POOLS[env.IP[o]];
 if(pool>=0&&env.IP[o]!==pool){VC=${String(classCode("bad-free"))};return false}
 if(bit(LV[o])===0){VC=${String(classCode("double-free"))};return false}
 const typesafe=RD[o]!==0,L=LK[o];
 if(!typesafe)for(let j=0;j<L.length;j++)if(bit(L[j])!==0){VC=${String(classCode("lock-freed"))};return false}
 ${released}put(LV[o],0);
 if(typesafe){${readers}let m=0;for(let j=0;j<CD0.length;j++)if(bit(CD0[j])!==0)m|=1<<j;put(RD[o],m)}
 if(q.stack!==null){const n=bit(q.count);put(q.stack[n],o-q.first);put(q.count,n+1)}
 else{const c=CF[o];for(let j=0;j<c.length;j+=2){put(c[j],0);if(c[j+1]!==0)put(c[j+1],0)}for(let j=0;j<L.length;j++)put(L[j],0)}
 return true}
function rcuLeave(k){for(let j=0;j<RL.length;j++){const d=RL[j],v=bit(d);if((v>>>k)&1){put(d,v&~(1<<k))${left}}}}
function leak(k){for(let j=0;j<env.HELD.length;j++){const h=env.HELD[j];const v=bit(h.d);
  if(h.kind===0?v===k+1:h.kind===1?((v>>>k)&1)!==0:((v>>>(2*k))&3)!==0){VC=${String(classCode("lock-leak"))};env.leaked=j;return true}}
 if(CD0.length>0&&bit(CD0[k])!==0){VC=${String(classCode("lock-leak"))};env.leaked=-1;return true}
 return false}
`;
}

/** Objects alive at once over all kmalloc pools. */
export const kmallocSlotsMax = heapObjectsMax;

/** States of more words have another table: unrolled code would be too long for the optimising compiler. */
export const unrolledWordsMax = 40;

/** The hash table of narrow states. Slots hold number + 1 and the words, so that a hit costs one cache miss and yields the number. */
export function emitTable(shape: EngineShape): string {
  const { words } = shape;
  const stride = String(words + 1);
  const each = (emit: (word: string) => string): string => repeat(words, (word) => emit(String(word)));
  const compare = each((word) => `&&T[q+1+${word}]===y${word}`).slice(2);
  const load = each((word) => `const y${word}=Y[${word}];`);
  const hash = each((word) => `h=Math.imul(h^y${word},0x85ebca6b);h^=h>>>15;`);
  const put = each((word) => `T[q+1+${word}]=y${word};`);
  const save = each((word) => `S[o+${word}]=y${word};`);
  const rehash = each((word) => `h=Math.imul(h^S[o+${word}],0x85ebca6b);h^=h>>>15;`);
  const copy = each((word) => `N[q+1+${word}]=S[o+${word}];`);
  return `
function restore(o){${each((word) => `Y[${word}]=S[o+${word}];`)}}
let GR=-1,S=null,T=null,PAR=null,TM=0,TL=0,CAP=0,TCAP=0,n=0,cur=0,ntr=0,back=0,stop=-1,STMAX=0,BYTES=0;
function bytesOf(cap,slots){return cap*4*${String(words + 1)}+slots*4*${stride}}
function reset(statesMax,bytesMax){STMAX=statesMax;BYTES=bytesMax;n=0;cur=0;ntr=0;back=0;stop=-1;
 CAP=1024;TCAP=${String(tableSlotsFirst)};while(TCAP>4096&&bytesOf(CAP,TCAP)*4>BYTES)TCAP/=2;
 S=new Int32Array(CAP*${String(words)});PAR=new Int32Array(CAP);T=new Int32Array(TCAP*${stride});TM=TCAP-1;TL=T.length}
function growStates(){const cap=CAP<1<<20?CAP*2:Math.ceil(CAP*1.5);
 if(bytesOf(cap,TCAP)>BYTES||cap*${String(words)}>2000000000){stop=${String(limitCode("memory"))};return false}
 const a=new Int32Array(cap*${String(words)});a.set(S);S=a;const b=new Int32Array(cap);b.set(PAR);PAR=b;CAP=cap;return true}
function growTable(){const cap=TCAP<${String(tableSlotsFast)}&&bytesOf(CAP,TCAP*4)*4<BYTES?TCAP*4:TCAP*2;
 if(bytesOf(CAP,cap)>BYTES||cap*${stride}>2000000000){stop=${String(limitCode("memory"))};return false}
 const N=new Int32Array(cap*${stride}),M=cap-1,L=N.length;
 for(let k=0;k<n;k++){const o=k*${String(words)};let h=0x9e3779b9|0;${rehash}h=Math.imul(h,0xc2b2ae35);h^=h>>>13;
  let q=(h&M)*${stride};while(N[q]!==0){q+=${stride};if(q>=L)q=0}N[q]=k+1;${copy}}
 T=N;TM=M;TL=L;TCAP=cap;return true}
function stored(){return {S,PAR,n,cur,ntr,back,stop,bytes:bytesOf(CAP,TCAP),GR}}
/* Number of the state in Y; -1 when it is not known and was not added. */
function find(){${load}let h=0x9e3779b9|0;${hash}h=Math.imul(h,0xc2b2ae35);h^=h>>>13;let q=(h&TM)*${stride};
 for(;;){const e=T[q];if(e===0)return -1;if(${compare})return e-1;q+=${stride};if(q>=TL)q=0}}
function add(parent,task){canon();${load}let h=0x9e3779b9|0;${hash}h=Math.imul(h,0xc2b2ae35);h^=h>>>13;let q=(h&TM)*${stride};
 for(;;){const e=T[q];if(e===0)break;if(${compare}){if(e-1<=parent)back=1;return}q+=${stride};if(q>=TL)q=0}
 if(n>=STMAX){stop=${String(limitCode("states"))};return}
 T[q]=n+1;${put}
 if(n>=CAP&&!growStates()){T[q]=0;return}
 const o=n*${String(words)};${save}PAR[n]=parent;n++;
 if(n*8>TCAP*5&&!growTable())return;
 ${shape.hasAlways || shape.hasSometimes || shape.hasFinally ? "inspect(parent,task);" : ""}}
`;
}

/** Expansion of states, the checks that belong to a state, and the door of the module. */
export function emitSearch(shape: EngineShape, as: { readonly name: string; readonly single: boolean }): string {
  const { words } = shape;
  const unrolled = words <= unrolledWordsMax;
  const copy = unrolled ? repeat(words, (word) => `Y[${String(word)}]=x${String(word)};`) : "restore(o);";
  const load = unrolled ? repeat(words, (word) => `const x${String(word)}=S[o+${String(word)}];`) : "";
  const notes = shape.hasNotes ? "if(PN.length>0)notes(cur,K);" : "";
  // The code may keep a log for merging, which nobody reads here.
  const forget = as.single ? "ln=0;" : "";
  const clear = shape.hasNotes ? "PN.length=0;" : "";
  const run = (task: number): string => {
    const k = String(task);
    const done = `if(r===1){en=1;ntr++;${notes.replace("K", k)}add(cur,${k})}else if(r===2){en=1;ntr++;${notes.replace("K", k)}env.violation(cur,${k})}else if(r===3){en=1;env.limit(cur,${k});if(stop<0)stop=LI;GR=GROW;return}`;
    if (!(shape.choosing[task] ?? true)) return `{${clear}${forget}ME=${k};const r=s${k}();${done}if(r!==0){${copy}}}`;
    return `CN=0;for(;;){CD=0;${clear}${forget}ME=${k};const r=s${k}();${done}${copy}if(CN===0||!more())break}`;
  };
  const body = Array.from({ length: shape.tasks }, (_, task) => run(task)).join("\n ");
  return `
function ${as.name}(limit){PL=${as.single ? "1" : "0"};for(;cur<limit&&stop<0;cur++){const o=cur*${String(words)};${load}${copy}
 ${shape.hasRaces ? "races();" : ""}
 let en=0;
 ${body}
 if(en===0&&!quiet()){env.deadlock(cur)}}}
`;
}

/** What the driver sees of the generated module. */
export function emitDoor(options: { readonly single: boolean; readonly asks: boolean }): string {
  return `
const door={reset,search,add(p,t){PL=0;add(p,t)},find,more,startChoice(){CN=0},resetChoice(){CD=0;ln=0;PN.length=0},
 notes(){return PN},setTask(k){ME=k},choices(){return CV.slice(0,CN)},
 choiceRanges(){return CM.slice(0,CN)},
 forceChoices(v){CN=v.length;CD=0;for(let j=0;j<v.length;j++){CV[j]=v[j];CM[j]=1<<30}},
 state:stored,setStop(v){stop=v},
 exhaustedPool(){return GROW},fault(){return {node:VN,code:VC,limit:LI}},clearFault(){VN=-1;VC=-1;LI=-1;GROW=-1},result(){return R},
 transition,stepEnds,canon(){PL=0;canon()},formerTask(k){return PM===null?k:PM[k]},failed(){return SB!==0?"symmetry":again!==0?"merging":null},mustRestart(){return SB!==0||again!==0&&cur>=AL},restart,
 steps:[STEPS],entries:[ENTRIES],inits:[INITS],properties:[PROPERTIES],bit,at,quiet,inspect(){PL=0;inspect(-1,-1)},races,
 forget(){${options.asks ? "ASKED.clear()" : ""}},single:null};
${options.single ? single : ""}return door;
`;
}

const single = `door.single={...door,search:search1,add(p,t){PL=1;add(p,t)},canon(){},formerTask(k){return k},transition:transition1,stepEnds:stepEnds1,
 failed(){return null},mustRestart(){return false},restart(){},inspect(){PL=1;inspect(-1,-1)}};
`;
