/** `hunks` blocks: which hunks a switch of the model stands for. */
import {
  contentLines,
  isConstantName,
  readMessageId,
  splitPair,
  wordPlace,
  wordsOf,
  type BlockSource,
  type ContentLine,
  type Word,
} from "./block-lines.ts";
import { reservedNames } from "./read-params.ts";
import type { NotebookSink, SourceLine } from "./source.ts";
import type { HunkSwitch, SwitchHunk } from "../types.ts";

type Context = { readonly sink: NotebookSink; readonly line: SourceLine; readonly mail: string | null };

/** Reads one block. `about` names the mail of hunks that no `from:` line and no <message-id> places. */
export function readHunkSwitches(source: BlockSource & { readonly about: string | null }): HunkSwitch[] {
  const { sink } = source;
  const switches: HunkSwitch[] = [];
  let mail = source.about;
  for (const [index, content] of contentLines(source.lines).entries()) {
    if (/^from[ \t]*:/.test(content.text)) {
      mail = readFrom(content, { sink, isFirst: index === 0 }) ?? mail;
      continue;
    }
    const found = readSwitch(content, { sink, line: content.line, mail });
    if (found !== null) switches.push(found);
  }
  return switches;
}

function readFrom(
  content: ContentLine,
  options: { readonly sink: NotebookSink; readonly isFirst: boolean },
): string | null {
  const { line } = content;
  if (!options.isFirst) {
    options.sink.report({ code: "NBK040", line, message: "from: stands once, as the first line of the block" });
    return null;
  }
  const pair = splitPair(content.text, ":");
  const mail = readMessageId(pair?.value.text ?? "");
  if (mail === null) {
    options.sink.report({ code: "NBK040", line, message: "from: takes one Message-ID between < and >" });
  }
  return mail;
}

function readSwitch(content: ContentLine, context: Context): HunkSwitch | null {
  const { line, sink } = context;
  const pair = splitPair(content.text, "=");
  if (pair === null || pair.value.text === "") {
    sink.report({ code: "NBK040", line, message: "write NAME = path@oldline [path@oldline ...]  # text" });
    return null;
  }
  if (!isConstantName(pair.key.text) || reservedNames.includes(pair.key.text)) {
    const message = `"${pair.key.text}" cannot name a switch; use letters, digits and _, and no word of the run command`;
    sink.report({ code: "NBK040", line, message, ...wordPlace(pair.key) });
    return null;
  }
  const hunks = readHunkIds(wordsOf(pair.value.text, pair.value.column - 1), context);
  if (hunks === null) return null;
  return { name: pair.key.text, hunks, note: content.comment, line: line.number };
}

/** `[<message-id>] [n/m:]path@a` ...; null when one is malformed (all are reported). */
function readHunkIds(words: readonly Word[], context: Context): SwitchHunk[] | null {
  const hunks: SwitchHunk[] = [];
  let named: string | null = null;
  let isSound = true;
  for (const word of words) {
    if (word.text.startsWith("<") && named === null) {
      named = readMessageId(word.text);
      if (named !== null) continue;
    }
    const hunk = readHunkId(word, named ?? context.mail, context);
    named = null;
    if (hunk === null) isSound = false;
    else hunks.push(hunk);
  }
  if (named !== null) {
    const message = `no hunk follows <${named}>`;
    context.sink.report({ code: "NBK040", line: context.line, message });
    return null;
  }
  return isSound && hunks.length > 0 ? hunks : null;
}

function readHunkId(word: Word, mail: string | null, context: Context): SwitchHunk | null {
  const match = /^(?:([0-9]{1,4})\/([0-9]{1,4}):)?([^@<>]+)@([0-9]{1,9})$/.exec(word.text);
  const path = match?.[3] ?? "";
  if (match === null || /^[ab]\//.test(path)) {
    const message = /^[ab]\//.test(path)
      ? `write the path without a/ or b/: ${path.slice(2)}@${match?.[4] ?? ""}`
      : `"${word.text}" is not a hunk id; write [n/m:]path@line, the line being the number after "-" in the hunk's header`;
    context.sink.report({ code: "NBK040", line: context.line, message, ...wordPlace(word) });
    return null;
  }
  if (mail === null) {
    const message =
      "no mail is named for this hunk; begin the block with `from: <message-id>` or give the notebook an about:";
    context.sink.report({ code: "NBK041", line: context.line, message, ...wordPlace(word) });
    return null;
  }
  const patch = match[1] === undefined ? null : { number: Number(match[1]), count: Number(match[2]) };
  return { messageId: mail, path, oldStart: Number(match[4]), ordinal: 0, patch };
}
