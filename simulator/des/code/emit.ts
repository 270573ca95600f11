/**
 * One flow graph as JavaScript: functions with a switch over its blocks. Everything that a task keeps between requests
 * lies in its frame F[f...]; word 0 is the block where it goes on.
 *
 * Names: k number of the task, e number among its siblings, m address of its frame in memory, a the answer, n the block,
 * V and T values and tags of memory, G cells that exist once, A arguments of a request, NS its time.
 * A function answers a site (>= 0), -1 when the task stopped for good (SR says why), -2 - n to go on at block n.
 */
import { emitCondition, emitExpression, literal, type Leaves } from "../../explore/emit-expression.ts";
import { violationClasses } from "../../explore/classes.ts";
import { limitNames, timedOperationsMax } from "../../limits.ts";
import type { CallbackCells } from "../../program/lower-timed.ts";
import { blockedAnswer, memoryBase, type Amount, type Drawn, type Expr, type Node } from "../../program/ir.ts";
import type { Routine, ScalarShape } from "../../program/ir.ts";
import type { OwnCells } from "../../program/timed.ts";
import { thread } from "../../program/flow.ts";
import { assert, unreachable } from "../../source/assert.ts";
import { readTemps, type Block, type Blocks } from "./blocks.ts";
import { findObject, type Layout } from "./layout.ts";
import { tagByte, unwrittenBit } from "./memory.ts";

/** Reasons why run answers -1. */
export const stopCodes = { ended: 0, violation: 1, limit: 2 } as const;

/** Longer functions are cut: the optimising compiler passes over those that are too long. */
const functionCharsMax = 24_000;

export type EmitContext = {
  /** Unique: `d0`, `i0`, `p0`. */
  readonly name: string;
  readonly routine: Routine;
  readonly blocks: Blocks;
  readonly layout: Layout;
  /** Declaration, -1 for init and properties. */
  readonly declaration: number;
  readonly firstTask: number;
  /** Word in F where the frame of its first task begins, and words of each. */
  readonly frameBase: number;
  readonly frameWords: number;
  /** Where a cell lies: in the frame, or among those that exist once. */
  readonly cellPlace: (cell: number) => { readonly kind: "frame" | "once"; readonly at: number };
  readonly cellShapes: readonly ScalarShape[];
  /** Where the flag "not written" of a cell lies, as cells do; null when it needs none. */
  readonly flagPlace: (cell: number) => { readonly kind: "frame" | "once"; readonly at: number } | null;
  /** Word in the frame of a temporary that outlives blocks. */
  readonly tempPlace: (temp: number) => number;
  readonly own: OwnCells | null;
  /** Number of its node 0 among all nodes. */
  readonly nodeBase: number;
  /** Site at which a loop pauses. */
  readonly pauseSite: number;
  readonly siteKinds: readonly string[];
  readonly callbacks: CallbackCells | null;
};

export class TimedEmitter {
  readonly #context: EmitContext;
  readonly #leaves: Leaves;
  readonly #read: ReadonlySet<number>;
  #inFrame: ReadonlySet<number>;
  #next = -1;

  constructor(context: EmitContext) {
    this.#context = context;
    this.#read = readTemps(context.routine);
    this.#inFrame = context.blocks.kept;
    this.#leaves = {
      cell: () => {
        throw new Error("assert: timed code says where its cells lie");
      },
      text: (leaf) => (leaf.kind === "temp" ? this.#temp(leaf.temp) : this.#cell(leaf.cell)),
    };
  }

  /** `function NAME(k,a){...}` and what it calls. */
  emit(): string {
    const { name, blocks, firstTask, frameBase, frameWords, layout, declaration } = this.#context;
    let chunks = cut(blocks.blocks.map((block, index) => this.#emitBlock(block, index)));
    if (chunks.length > 1) {
      // Functions share nothing but the frame.
      this.#inFrame = blocks.crossing;
      chunks = cut(blocks.blocks.map((block, index) => this.#emitBlock(block, index)));
    }
    const region = layout.frames[declaration];
    const e = declaration < 0 ? "0" : `k-${String(firstTask)}`;
    const f = declaration < 0 ? String(frameBase) : `${String(frameBase)}+e*${String(frameWords)}`;
    const m = region === undefined ? "0" : `${String(region.base)}+e*${String(region.stride)}`;
    const functions = chunks.map((chunk, at) => this.#emitChunk(`${name}_${String(at)}`, chunk)).join("");
    const head = `function ${name}(k,a){const e=${e},f=${f},m=${m};`;
    if (chunks.length === 1) return `${functions}${head}return ${name}_0(k,e,f,m,F[f],a)}\n`;
    const table: string[] = [];
    chunks.forEach((chunk, at) => {
      chunk.cases.forEach((_, index) => {
        table[chunk.first + index] = `${name}_${String(at)}`;
        table[this.#resumeAt(chunk.first + index)] = `${name}_${String(at)}`;
      });
    });
    return `${functions}const ${name}_=[${table.join(",")}];\n${head}let n=F[f];for(;;){n=${name}_[n](k,e,f,m,n,a);if(n>=-1)return n;n=-2-n}}\n`;
  }

  /** The case at which the task goes on with an answer: it takes that and falls into the block. */
  #resumeAt(block: number): number {
    return this.#context.blocks.blocks.length + block;
  }

  #emitChunk(name: string, chunk: Chunk): string {
    const body = chunk.cases.join("");
    const locals = [...new Set(body.match(/\bt\d+\b/g) ?? [])].map((temp) => `,${temp}=0`).join("");
    const behind = String(chunk.first + chunk.cases.length);
    return `function ${name}(k,e,f,m,n,a){let i=0${locals};for(;;)switch(n){\n${body}n=${behind};default:return -2-n}}\n`;
  }

  #emitBlock(block: Block, number: number): string {
    const { blocks, routine } = this.#context;
    this.#next = number + 1;
    let out = "";
    const before = routine.nodes[block.first - 1];
    if (block.answer !== null && before?.kind === "request") {
      out = `case ${String(this.#resumeAt(number))}:`;
      if (block.answer >= 0 && this.#read.has(block.answer)) out += `${this.#temp(block.answer)}=a;`;
      out += this.#emitResume(before);
    }
    out += `case ${String(number)}:`;
    let isClosed = false;
    for (let index = block.first; index < block.end && !isClosed; index += 1) {
      const node = routine.nodes[index];
      assert(node !== undefined, "a block stays inside its graph");
      out += this.#emitNode(index, node);
      isClosed = isLast(node);
    }
    const next = blocks.blockAt[block.end] ?? -1;
    if (!isClosed && next !== number + 1) out += `n=${String(next)};continue;`;
    return `${out}\n`;
  }

  /** A callback that may run: which one it is. */
  #emitResume(node: Extract<Node, { kind: "request" }>): string {
    const { callbacks, siteKinds } = this.#context;
    if (siteKinds[node.site] !== "rcu-callbacks" || callbacks === null) return "";
    return `{const c=CALLS.shift();${this.#cell(callbacks.object)}=c[0];${this.#cell(callbacks.action)}=c[1]}`;
  }

  #temp(temp: number): string {
    if (!this.#inFrame.has(temp)) return `t${String(temp)}`;
    return `F[f+${String(this.#context.tempPlace(temp))}]`;
  }

  #cell(cell: number): string {
    const { own } = this.#context;
    if (own !== null) {
      if (cell === own.me) return "e";
      if (cell === own.task) return "k";
      if (cell === own.frame) return "m";
    }
    return placeText(this.#context.cellPlace(cell));
  }

  #expression(expr: Expr): string {
    return emitExpression(expr, this.#leaves);
  }

  #condition(expr: Expr): string {
    return emitCondition(expr, this.#leaves);
  }

  #fail(index: number, violation: string): string {
    const code = violationClasses.findIndex((name) => name === violation);
    return `{VN=${String(this.#context.nodeBase + index)};VC=${String(code)};SR=1;return -1}`;
  }

  #failMemory(index: number): string {
    return `{VN=${String(this.#context.nodeBase + index)};VC=-1;SR=1;return -1}`;
  }

  #go(from: number, to: number, node: Node): string {
    const { nodes } = this.#context.routine;
    const target = thread(nodes, to);
    const block = this.#context.blocks.blockAt[target] ?? -1;
    assert(block >= 0, "a jump leads to a block");
    if (target > from) return block === this.#next ? "" : `n=${String(block)};continue;`;
    const count = String(from - target + 1);
    // A way out of an atomic block may lead, by jumps, round a loop outside of it.
    const isInside = node.inAtomic && nodes[target]?.inAtomic === true;
    const isInstant = isInside || this.#context.declaration < 0;
    const counter = isInstant ? "AO" : "OP";
    const limit = String(limitNames.indexOf("operations"));
    const most = String(timedOperationsMax);
    const over = isInstant
      ? `{VN=${String(this.#context.nodeBase + from)};LC=${limit};SR=2;return -1}`
      : `{F[f]=${String(block)};return ${String(this.#context.pauseSite)}}`;
    return `if((${counter}+=${count})>${most})${over}n=${String(block)};continue;`;
  }

  #emitNode(index: number, node: Node): string {
    const act = node.inAtomic ? "AC=1;" : "";
    switch (node.kind) {
      case "jump":
        return this.#go(index, node.to, node);
      case "branch": {
        const then = this.#go(index, node.then, node);
        const otherwise = this.#go(index, node.otherwise, node);
        const condition = this.#condition(node.condition);
        if (then === "") return `if(!${condition}){${otherwise}}`;
        return `if(${condition}){${then}}${otherwise}`;
      }
      case "assign":
        return this.#emitAssign(node) + (node.target.kind === "cell" ? act : "");
      case "load":
        return this.#emitLoad(index, node);
      case "store":
        return this.#emitStore(index, node) + act;
      case "begin":
        return node.assumed ? "AC=0;AO=0;" : "";
      case "guard":
        return node.inAtomic ? `if(AC!==0)${this.#fail(index, "atomic-blocks")}` : "";
      case "check":
        return `if(!${this.#condition(node.condition)})${this.#fail(index, node.violation.class)}`;
      case "limit": {
        const limit = String(limitNames.indexOf(node.limit));
        return `if(!${this.#condition(node.unless)}){VN=${String(this.#context.nodeBase + index)};LC=${limit};SR=2;return -1}`;
      }
      case "choose":
        return this.#emitChoose(index, node) + act;
      case "note":
        return `if(${this.#condition(node.condition)})H.note(k,${String(node.note)});`;
      case "use":
      case "forget":
        return this.#emitFlag(index, node);
      case "enter-scope":
      case "leave-scope":
        return this.#emitScope(node) + act;
      case "allocate":
      case "free":
        return this.#emitHeap(index, node) + act;
      case "request":
        return this.#emitRequest(index, node);
      case "touch":
        return this.#emitTouch(node.address);
      case "rcu-leave":
        throw new Error("assert: timed code asks for read sections");
      case "result":
        return `R=${this.#expression(node.value)};SR=0;return -1;`;
      case "end":
        return "SR=0;return -1;";
    }
    return unreachable(node);
  }

  #emitAssign(node: Extract<Node, { kind: "assign" }>): string {
    const value = this.#expression(node.value);
    if (node.target.kind === "temp") {
      return this.#read.has(node.target.temp) ? `${this.#temp(node.target.temp)}=${value};` : "";
    }
    const { cell } = node.target;
    const shape = this.#context.cellShapes[cell];
    const flag = this.#context.flagPlace(cell);
    const cleared = flag === null ? "" : `${placeText(flag)}=0;`;
    return `${this.#cell(cell)}=${cutTo(value, shape, node.value)};${cleared}`;
  }

  /** The index of an address in V and T. */
  #index(address: Expr): string {
    if (address.kind === "constant") return literal(address.value - memoryBase);
    return `${this.#expression(address)}-${String(memoryBase)}|0`;
  }

  /** A global at a constant address: it is alive and was written. */
  #isGlobal(node: Extract<Node, { kind: "load" | "store" }>): boolean {
    const base = node.safe ? leftmostConstant(node.address) : node.address;
    if (base?.kind !== "constant") return false;
    const object = findObject(this.#context.layout, base.value);
    if (object?.kind !== "global" || base.value >= object.address + object.size) return false;
    if (node.safe) return true;
    return object.cells.some((cell) => object.address + cell.offset === base.value && cell.tag === node.tag);
  }

  #emitLoad(index: number, node: Extract<Node, { kind: "load" }>): string {
    const at = this.#index(node.address);
    const isWanted = this.#read.has(node.temp);
    const target = this.#temp(node.temp);
    if (this.#isGlobal(node)) return isWanted ? `${target}=${cutTo(`V[${at}]`, node.shape)};` : "";
    const tag = String(tagByte(node.tag));
    const check = `i=${at};if(T[i]!==${tag}&&!M.mayLoad(i,${tag},k))${this.#failMemory(index)}`;
    return isWanted ? `${check}${target}=${cutTo("V[i]", node.shape)};` : check;
  }

  #emitStore(index: number, node: Extract<Node, { kind: "store" }>): string {
    const at = this.#index(node.address);
    const value = cutTo(this.#expression(node.value), node.shape, node.value);
    if (this.#isGlobal(node)) return `V[${at}]=${value};W=W+1|0;`;
    const tag = String(tagByte(node.tag));
    return `i=${at};if(T[i]!==${tag}&&!M.mayStore(i,${tag},k))${this.#failMemory(index)}V[i]=${value};W=W+1|0;`;
  }

  #emitChoose(index: number, node: Extract<Node, { kind: "choose" }>): string {
    const target = this.#temp(node.temp);
    const lo = this.#expression(node.lo);
    if (node.lo.kind === "constant" && node.hi.kind === "constant" && node.lo.value === node.hi.value)
      return `${target}=${lo};`;
    const hi = this.#expression(node.hi);
    const check = `if(lo>hi)${this.#fail(index, "arithmetic")}`;
    return `{const lo=${lo},hi=${hi};${check}${target}=H.choose(k,${String(node.site ?? -1)},lo,hi)|0}`;
  }

  #emitFlag(index: number, node: Extract<Node, { kind: "use" | "forget" }>): string {
    const flag = this.#context.flagPlace(node.cell);
    if (flag === null) return "";
    if (node.kind === "forget") return `${placeText(flag)}=1;`;
    return `if(${placeText(flag)}!==0)${this.#fail(index, "uninitialised")}`;
  }

  #emitScope(node: Extract<Node, { kind: "enter-scope" | "leave-scope" }>): string {
    const { layout, declaration } = this.#context;
    const number = node.object;
    const isEnter = node.kind === "enter-scope";
    const object = `OB[${String(number)}]`;
    const base = declaration < 0 ? "0" : "m";
    const region = layout.frames[declaration];
    const own = region?.objects.find((candidate) => candidate.number === number);
    if (own === undefined || own.cells.length > 8) {
      return `M.${isEnter ? "enterScope" : "leaveScope"}(${object}.cells,${base}+${object}.address);`;
    }
    return own.cells
      .map((cell) => {
        const at = `T[m+${String(own.address + cell.offset - memoryBase)}]`;
        const unwritten = cell.tag === "data" ? unwrittenBit : 0;
        return isEnter ? `${at}=${String(tagByte(cell.tag) | unwritten)};` : `${at}|=128;`;
      })
      .join("");
  }

  #emitHeap(index: number, node: Extract<Node, { kind: "allocate" | "free" }>): string {
    if (node.kind === "free") {
      return `if(!M.free(${this.#expression(node.address)},${String(node.pool)}))${this.#failMemory(index)}`;
    }
    const limit = String(limitNames.indexOf("objects"));
    const none = `{VN=${String(this.#context.nodeBase + index)};LC=${limit};SR=2;return -1}`;
    return `i=M.allocate(${String(node.pool)},${node.zeroed ? "1" : "0"});if(i===-1)${none}${this.#temp(node.temp)}=i;`;
  }

  /** An access to the task's own frame costs nothing. */
  #emitTouch(address: Expr): string {
    const region = this.#context.layout.frames[this.#context.declaration];
    const text = this.#expression(address);
    if (region === undefined || region.stride === 0 || address.kind === "constant") return `H.touch(k,${text});`;
    return `i=${text};if(i<m||i>=m+${String(region.stride)})H.touch(k,i);`;
  }

  #emitRequest(index: number, node: Extract<Node, { kind: "request" }>): string {
    const { siteKinds, blocks } = this.#context;
    const site = String(node.site);
    let out = node.args.map((arg, at) => `A[${String(at)}]=${this.#expression(arg)};`).join("");
    const calls = siteKinds[node.site] === "rcu-call" ? "CALLS.push([A[0],A[1]]);" : "";
    if (node.atOnce) {
      const asks = /-(is-locked|is-contended|test-locked|done|active)$/.test(siteKinds[node.site] ?? "");
      const target = this.#read.has(node.temp)
        ? `${this.#temp(node.temp)}=r===null?${literal(blockedAnswer)}:r|0;`
        : "";
      const acts = node.inAtomic && !asks ? "if(r!==null)AC=1;" : "";
      return `${out}${calls}{const r=H.atOnce(k,${site},A);${target}${acts}}`;
    }
    if (node.time !== null) out += `NS=${this.#drawn(node.time, node.site)};`;
    const resume = this.#resumeAt(blocks.blockAt[index + 1] ?? -1);
    return `${out}${calls}F[f]=${String(resume)};return ${site};`;
  }

  #amount(amount: Amount): string {
    if (amount.value.kind === "constant") return literalReal(amount.value.value * amount.unitNs);
    const value = this.#expression(amount.value);
    return `(${amount.isUnsigned ? `(${value}>>>0)` : value}*${literalReal(amount.unitNs)})`;
  }

  #drawn(time: Drawn, site: number): string {
    const u = `H.uniform(k,${String(site)})`;
    switch (time.kind) {
      case "fixed": {
        const { value, unitNs } = time.time;
        if (value.kind === "constant") return String(Math.max(0, Math.round(value.value * unitNs)));
        return `D.wholeNs(${this.#amount(time.time)})`;
      }
      case "exponential":
        return `D.exponentialNs(${u},${this.#amount(time.mean)})`;
      case "uniform":
        return `D.uniformNs(${u},${this.#amount(time.lo)},${this.#amount(time.hi)})`;
      case "normal":
        return `D.normalNs(${u},${this.#amount(time.mean)},${this.#amount(time.deviation)})`;
      case "lognormal":
        return `D.lognormalNs(${u},${this.#amount(time.median)},${this.#amount(time.p99)})`;
      case "pareto":
        return `D.paretoNs(${u},${this.#amount(time.scale)},${literalReal(time.shape)})`;
    }
  }
}

function literalReal(value: number): string {
  assert(Number.isFinite(value), "times are finite");
  return value < 0 ? `(${String(value)})` : String(value);
}

function placeText(place: { readonly kind: "frame" | "once"; readonly at: number }): string {
  return place.kind === "frame" ? `F[f+${String(place.at)}]` : `G[${String(place.at)}]`;
}

/** A value as a cell of that shape holds it. */
function cutTo(value: string, shape: ScalarShape | undefined, expr?: Expr): string {
  if (shape === undefined || shape.bits === 32) return value;
  if (expr?.kind === "convert" && expr.shape.bits === shape.bits && expr.shape.signed === shape.signed) return value;
  if (shape.signed) {
    const spare = String(32 - shape.bits);
    return `(${value}<<${spare}>>${spare})`;
  }
  const most = (1 << shape.bits) - 1;
  if (expr?.kind === "constant" && expr.value >= 0 && expr.value <= most) return value;
  return `(${value}&${literal(most)})`;
}

function leftmostConstant(address: Expr): Expr | null {
  if (address.kind === "constant") return address;
  return address.kind === "binary" && address.op === "add" ? leftmostConstant(address.left) : null;
}

function isLast(node: Node): boolean {
  return ["jump", "branch", "end", "result"].includes(node.kind) || (node.kind === "request" && !node.atOnce);
}

/** Blocks that share a function; the number of the first. */
type Chunk = { readonly first: number; readonly cases: string[] };

/** Cuts cases into functions of bearable length. */
function cut(cases: readonly string[]): readonly Chunk[] {
  const chunks: Chunk[] = [];
  let length = Number.POSITIVE_INFINITY;
  cases.forEach((text, first) => {
    if (length + text.length > functionCharsMax) {
      chunks.push({ first, cases: [] });
      length = 0;
    }
    chunks[chunks.length - 1]?.cases.push(text);
    length += text.length;
  });
  return chunks;
}
