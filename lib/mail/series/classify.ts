/**
 * What kind of mail it is (mail-and-patches.md 5.2): decides what the thread page draws and what may become part of a series.
 */
import type { ParsedSubject } from "./subject.ts";

export type MailClass =
  "patch" | "cover" | "reply" | "discussion" | "pull" | "autosel" | "syzbot" | "test-robot" | "robot";

export interface ClassifiedMail {
  readonly subject: ParsedSubject;
  readonly fromAddress: string;
  readonly isAnswer: boolean;
  /** A diff stands in its text at quote depth 0. */
  readonly hasDiff: boolean;
  /** A direct answer to it is a patch n/m of the same version: then a PATCH mail without diff is the cover. */
  readonly hasNumberedChild: boolean;
}

/** Robots by what they call themselves in public: local parts and subject prefixes, no person's address. */
const SYZBOT = /^syzbot\b/i;
const TEST_ROBOT = /^(?:lkp|kernel-test-robot|rong\.a\.chen\.robot|bot\+bpf-ci|ci_notify|patchwork-bot|noreply-ci)\b/i;
const ROBOT = /^(?:tip-bot2?|bot|robot|noreply|no-reply|mailer-daemon|postmaster|automailer)\b/i;
const ROBOT_TITLE = /^(?:FAILED: patch|Patch ".*" has been added to the )/;
const ROBOT_HINT = /^(?:linus:master|tip:|syzbot$|regression$|tj-cgroup:for-next)/i;

/** The class of one mail. */
export function classifyMail(mail: ClassifiedMail): MailClass {
  const { subject } = mail;
  const robot = robotClass(mail);
  if (robot) return robot;
  if (subject.isReply) return "reply";
  if (subject.flags.includes("GIT PULL") || (subject.flags.includes("PULL") && !mail.hasDiff)) return "pull";
  if (mail.hasDiff && isPatchSubject(subject)) return subject.flags.includes("AUTOSEL") ? "autosel" : "patch";
  const saysPatch = subject.flags.includes("PATCH") || subject.flags.includes("RFC");
  if (subject.counter?.number === 0 && !mail.hasDiff) return "cover";
  if (saysPatch && !mail.hasDiff && mail.hasNumberedChild && subject.counter === null) return "cover";
  return mail.isAnswer ? "reply" : "discussion";
}

/** May the subject name a patch? PATCH or RFC says so; a counter does when there is a diff, as in "[net-next v2 3/5]". */
export function isPatchSubject(subject: ParsedSubject): boolean {
  if (subject.isReply || subject.hints.some((hint) => ROBOT_HINT.test(hint))) return false;
  return subject.flags.includes("PATCH") || subject.flags.includes("RFC") || subject.counter !== null;
}

function robotClass({ subject, fromAddress }: ClassifiedMail): MailClass | null {
  const local = fromAddress.split("@")[0] ?? "";
  if (SYZBOT.test(local) || (!subject.isReply && subject.hints.some((hint) => /^syzbot/i.test(hint)))) return "syzbot";
  if (TEST_ROBOT.test(local)) return "test-robot";
  if (ROBOT.test(local) || ROBOT_TITLE.test(subject.title)) return "robot";
  return !subject.isReply && subject.hints.some((hint) => ROBOT_HINT.test(hint)) ? "robot" : null;
}
