/**
 * How much of a mail is read, and how what was odd about it is told. A mail beyond a limit is never lost: its bytes are
 * stored first, and what could be read of it is shown with the oddity that says where reading stopped.
 *
 * Figures: platform.md, "Threats" 1, measured against generated bombs.
 */
export interface MailLimits {
  /** A longer mail is stored and not parsed. */
  readonly mailBytesMax: number;
  /** A longer mail is not even stored: reported with its place in the file. */
  readonly blobBytesMax: number;
  readonly headerBytesMax: number;
  readonly headersMax: number;
  readonly depthMax: number;
  readonly partsMax: number;
  /** Message-IDs kept from References and In-Reply-To together. */
  readonly referencesMax: number;
}

const MEBIBYTE = 1024 * 1024;

export const mailLimits: MailLimits = {
  mailBytesMax: 25 * MEBIBYTE,
  blobBytesMax: 50 * MEBIBYTE,
  headerBytesMax: MEBIBYTE,
  headersMax: 2000,
  depthMax: 32,
  partsMax: 500,
  referencesMax: 500,
};

/** Stable names of what can be odd about a mail. Wording may improve, codes stay. */
export type OddityCode =
  | "header-line-unreadable"
  | "header-limit"
  | "no-body-separator"
  | "message-id-missing"
  | "message-id-repeated"
  | "references-limit"
  | "date-missing"
  | "date-unreadable"
  | "date-clamped"
  | "from-missing"
  | "charset-guessed"
  | "charset-unknown"
  | "bytes-unreadable"
  | "transfer-damaged"
  | "transfer-unknown"
  | "boundary-missing"
  | "boundary-unclosed"
  | "depth-limit"
  | "part-limit"
  | "body-from-attachment"
  | "body-from-html"
  | "body-empty"
  | "nul-replaced"
  | "clearsigned"
  | "parse-fault";

/** Something odd or lost in reading a mail; shown with it. */
export interface Oddity {
  readonly code: OddityCode;
  readonly message: string;
}

/** Text that PostgreSQL takes in text and JSON columns: U+0000 and lone surrogates become U+FFFD. The raw mail has what was there. */
export function storableText(text: string): string {
  return text.replaceAll("\0", "\ufffd").replace(/\p{Surrogate}/gu, "\ufffd");
}
