/**
 * Generated code of merging: transitions of several steps, the log of what they touch, and the check that every step
 * merged with a later one can be moved to the right (merging.ts).
 *
 * Names: LOG entries place, write, plain, data; ST* the steps of the state being expanded, M* its transitions;
 * VIS places that properties read, WI places that merged steps wrote; DROP the steps that must end a transition.
 */
import { packDescriptor } from "../program/image.ts";
import { logBits } from "./emit-routine.ts";
import { unrolledWordsMax } from "./engine-source.ts";
import type { MergingPlan } from "./merging.ts";
import type { PartialOrderPlan } from "./partial-order.ts";
import type { Prepared } from "./prepare.ts";

export function partialOrderTables(prepared: Prepared, plan: PartialOrderPlan): Record<string, unknown> {
  return {
    UNIT: plan.unitOf,
    FR: plan.reads,
    FW: plan.writes,
    OR: plan.stepReads,
    OWN: plan.stepWrites,
    MID: prepared.positionKinds.map((kinds) => Uint8Array.from(kinds, (kind) => (kind === "between" ? 1 : 0))),
  };
}

export function mergingTables(prepared: Prepared, plan: MergingPlan): Record<string, unknown> {
  const masks = prepared.program.rcuMasks;
  const image = prepared.image;
  const withReaders = image.instances.filter((instance) => instance.readers !== null).length;
  return {
    GO: plan.goesOn,
    CODE: plan.codeOf,
    PD: image.positionSlots.map((slot) => packDescriptor(slot, 0)),
    DROP: plan.goesOn.map(() => new Set<number>()),
    CDP: prepared.program.rcuNesting.map((cell) => plan.cells.get(cell) ?? -1),
    RLP: [...Array.from({ length: withReaders }, () => -1), ...masks.map((cell) => plan.cells.get(cell) ?? -1)],
  };
}

export type MergingShape = {
  readonly words: number;
  readonly tasks: number;
  readonly places: number;
  readonly hasRaces: boolean;
  readonly hasNotes: boolean;
};

/**
 * States that a pass in doubt still expands, where states are wide: a pass costs more there than the few steps that it
 * drops too many. Half as many as it has expanded, so that all passes together cost a few times the last one.
 */
const doubtedStates = "24+(cur>>1)";

const shift = String(logBits.shift);

/** Transitions. `macro(k)` runs one from Y and answers as a step does; `goesOn` decides after each step. */
export function emitTransitions(shape: MergingShape): string {
  const steps = Array.from({ length: shape.tasks }, (_, task) => `s${String(task)}`).join(",");
  return `
LOG=new Int32Array(1<<16);
const ST=[${steps}],VIS=new Uint8Array(${String(shape.places)}),WI=new Uint8Array(${String(shape.places)});
let STF=new Int32Array(4096),STT=new Int32Array(4096),STL=new Int32Array(4097),STC=new Int32Array(4096),sn=0,again=0;
function moreLog(){const a=new Int32Array(ln*2);a.set(LOG);LOG=a;doubt()}
function moreSteps(){const g=a=>{const b=new Int32Array(a.length*2);b.set(a);return b};STF=g(STF);STT=g(STT);STL=g(STL);STC=g(STC)}
function visible(l){for(let j=l;j<ln;j++)if((LOG[j]&1)!==0&&VIS[LOG[j]>>${shift}]===1)return true;return false}
function goesOn(k,p,q,l){if(q<=p||FX!==0||env.GO[k][q]===0||env.DROP[env.CODE[k]].has(p*65536+q)||visible(l))return false;
 for(let j=l;j<ln;j++)if((LOG[j]&1)!==0)WI[LOG[j]>>${shift}]=1;
 return true}
function transition(k){ln=0;sn=0;STL[0]=0;return macro(k)}
function macro(k){ME=k;let p=bit(env.PD[k]);
 for(let first=true;;first=false){const l=ln;FX=0;const r=ST[k]();if(ln>LOG.length)moreLog();
  const q=r===1?bit(env.PD[k]):-1;if(sn+2>STF.length)moreSteps();
  STF[sn]=p;STT[sn]=q;STL[sn]=l;STC[sn]=CD;sn++;STL[sn]=ln;
  if(r!==1){if(r===0&&!first)throw new Error("assert: a merged step does not block");return r}
  if(!goesOn(k,p,q,l))return 1;
  p=q}}
function stepEnds(){return Array.from(STC.subarray(0,sn))}
/* What is learnt counts from the next pass on, so that the transitions of this one can be made again. */
const LATER=[];
/* A pass that is in doubt goes on for a while, since what else it finds wrong saves passes. */
let AL=0;function doubt(){if(again===0){again=1;AL=cur+${shape.words > unrolledWordsMax ? doubtedStates : "0"}}}
function restart(){again=0;SB=0;WI.fill(0);for(const f of LATER)f();LATER.length=0}
function seen(l){for(let j=l;j<ln;j++){const a=LOG[j]>>${shift};if(VIS[a]!==0)continue;
 if(WI[a]===1){doubt();LATER.push(()=>{VIS[a]=1})}else VIS[a]=1}}
function drop(k,p,q){doubt();LATER.push(()=>{env.DROP[env.CODE[k]].add(p*65536+q)})}
`;
}

/** The check of a state: what each transition does before its last step, against everything that others do next. */
export function emitVerify(shape: MergingShape): string {
  return `
const SE=new Int32Array(${String(shape.places)}),SF=new Uint8Array(${String(shape.places)}),MID=new Int32Array(Y.length);let EP=0;
const MT=[],MS=[],MV=[];let MN=0;
function stamp(from,to,prefix){for(let j=from;j<to;j++){const e=LOG[j],a=e>>${shift};
 const f=prefix?((e&1)!==0?2:1):(e&4)===0?0:(e&1)!==0?((e&2)!==0?64:32):(e&2)!==0?16:8;
 if(SE[a]===EP)SF[a]|=f;else{SE[a]=EP;SF[a]=f}}}
function against(e,f){return (e&1)!==0?(f&3)!==0:(f&2)!==0}
function racing(e,f){if((e&4)===0)return false;return (e&1)!==0?((e&2)!==0?(f&120)!==0:(f&80)!==0):(e&2)!==0?(f&96)!==0:(f&64)!==0}
function verify(o){MS[MN]=sn;
 for(let m=0;m<MN;m++){const a=MS[m],b=MS[m+1];if(b-a<2)continue;
  EP++;stamp(STL[a],STL[b-1],true);${shape.hasRaces ? "stamp(STL[a+1],STL[b],false);" : ""}
  for(let u=0;u<MN;u++){if(MT[u]===MT[m])continue;let near=false;
   for(let j=STL[MS[u]];j<STL[MS[u+1]]&&!near;j++){const e=LOG[j],x=e>>${shift};if(SE[x]===EP){const f=SF[x];near=against(e,f)${shape.hasRaces ? "||racing(e,f)" : ""}}}
   if(near){collide(o,m,MT[u]);EP++;stamp(STL[a],STL[b-1],true);${shape.hasRaces ? "stamp(STL[a+1],STL[b],false);" : ""}while(u+1<MN&&MT[u+1]===MT[u])u++}}}}
function collide(o,m,u){const a=MS[m],b=MS[m+1],t=MT[m],v=MV[m],keptLog=ln,keptSteps=sn;
 for(let i=1;i<b-a;i++){restore(o);
  CN=0;if(v!==null){CN=v.length;for(let j=0;j<CN;j++){CV[j]=v[j];CM[j]=1073741824}}CD=0;ME=t;
  for(let j=0;j<i;j++)if(ST[t]()!==1)throw new Error("assert: a transition can be made again");
  MID.set(Y);ln=keptLog;CN=0;
  for(;;){CD=0;Y.set(MID);ln=keptLog;sn=keptSteps;const r=macro(u);
   EP++;stamp(STL[a],STL[a+i],true);${shape.hasRaces ? "stamp(STL[a+i],STL[a+i+1],false);" : ""}
   judge(t,a,i,u,v,keptSteps,keptLog,r===0&&sn===keptSteps+1);
   if(CN===0||!more())break}}
 ln=keptLog;sn=keptSteps;STL[sn]=ln;PN.length=0;LI=-1;GROW=-1}
function stepAt(entry,first){let s=first;while(s+1<sn&&STL[s+1]<=entry)s++;return s}
function judge(t,a,i,u,v,keptSteps,from,blocked){let inside=true,conflict=false;
 for(let j=from;j<ln;j++){const e=LOG[j],x=e>>${shift},f=SE[x]===EP?SF[x]:0;
  ${shape.hasRaces ? "if(racing(e,f)&&!blocked)env.mergedRace(cur,{task:t,choices:v===null?[]:v,steps:i},{task:u,choices:CV.slice(0,CN),steps:stepAt(j,keptSteps)-keptSteps});" : ""}
  if((f&3)===0)inside=false;if(against(e,f))conflict=true}
 if(!conflict||blocked&&inside)return;
 EP++;stamp(from,ln,true);
 for(let s=a;s<a+i;s++){let hit=false;for(let j=STL[s];j<STL[s+1];j++){const e=LOG[j],x=e>>${shift};if(SE[x]===EP&&against(e,SF[x]))hit=true}
  if(hit)drop(t,STF[s],STT[s])}}
`;
}

/**
 * A task that may go alone (partial-order.ts): answers whether one did. Y is the state being expanded, before and, if
 * none did, after.
 */
export function emitAlone(shape: MergingShape): string {
  return `
const AT=new Int32Array(${String(shape.tasks)});
function independent(k){for(let j=0;j<ln;j++){const e=LOG[j],x=env.UNIT[e>>${shift}];if(x===undefined||x<0)return false;
  for(let u=0;u<${String(shape.tasks)};u++){if(u===k)continue;const w=env.FW[u][AT[u]],r=env.FR[u][AT[u]];
   if((w[x>>>5]>>>(x&31))&1)return false;if((e&1)!==0&&((r[x>>>5]>>>(x&31))&1))return false}}
 return true}
/* Whether the next step of a task may be independent, before it is made. */
function mayBeAlone(k){const r=env.OR[k][AT[k]],w=env.OWN[k][AT[k]];
 for(let u=0;u<${String(shape.tasks)};u++){if(u===k)continue;const fw=env.FW[u][AT[u]],fr=env.FR[u][AT[u]];
  for(let x=0;x<r.length;x++)if(((r[x]|w[x])&fw[x])!==0||(w[x]&fr[x])!==0)return false}
 return true}
function alone(o){for(let k=0;k<${String(shape.tasks)};k++)AT[k]=bit(env.PD[k]);
 for(let k=0;k<${String(shape.tasks)};k++){if(env.MID[k][AT[k]]===0||!mayBeAlone(k))continue;
  CN=0;CD=0;ln=0;sn=0;STL[0]=0;PN.length=0;const r=macro(k);
  if(r===1&&CN===0&&FX===0&&PN.length===0&&!visible(0)&&independent(k)){const steps=sn;canon();const x=find();
   if(x<0||x>cur){ntr+=steps;add(cur,k);return true}}
  LI=-1;GROW=-1;PN.length=0;restore(o)}
 return false}
`;
}

/** The search loop with merged transitions. `again` ends it: the assumptions have changed. */
export function emitMergedSearch(shape: MergingShape, options: { readonly ordered: boolean }): string {
  const notes = shape.hasNotes ? "if(PN.length>0)notes(cur,k);" : "";
  return `
function search(limit){PL=0;for(;cur<limit&&stop<0&&(again===0||cur<AL);cur++){const o=cur*${String(shape.words)};
 restore(o);
 ${shape.hasRaces ? "races();" : ""}
 ${options.ordered ? "if(alone(o))continue;" : ""}
 let en=0;ln=0;sn=0;STL[0]=0;MN=0;let multi=false;
 for(let k=0;k<${String(shape.tasks)};k++){CN=0;
  for(;;){CD=0;PN.length=0;const first=sn,r=macro(k);MT[MN]=k;MS[MN]=first;MV[MN]=CN===0?null:CV.slice(0,CN);MN++;
   if(sn-first>1)multi=true;
   if(r===1){en=1;ntr+=sn-first;${notes}add(cur,k)}
   else if(r===2){en=1;${notes}env.violation(cur,k)}
   else if(r===3){en=1;env.limit(cur,k);if(stop<0)stop=LI;GR=GROW;return}
   restore(o);
   if(CN===0||!more())break}}
 if(en===0&&!quiet()){env.deadlock(cur)}
 if(multi)verify(o)}}
`;
}
