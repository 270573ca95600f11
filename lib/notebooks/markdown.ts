/** Prose of a notebook or comment -> HTML that can be shown beside anything: raw HTML off, no foreign request. */
import rehypeSanitize, { defaultSchema } from "rehype-sanitize";
import rehypeStringify from "rehype-stringify";
import remarkGfm from "remark-gfm";
import remarkParse from "remark-parse";
import remarkRehype from "remark-rehype";
import { unified } from "unified";

type SanitizeSchema = NonNullable<Parameters<typeof rehypeSanitize>[0]>;

/** No images (a picture would be fetched from elsewhere), no form controls, links to http, https and mailto only. */
const schema: SanitizeSchema = {
  ...defaultSchema,
  tagNames: (defaultSchema.tagNames ?? []).filter((name) => !["img", "picture", "source", "input"].includes(name)),
  protocols: { href: ["http", "https", "mailto"] },
};

const processor = unified()
  .use(remarkParse)
  .use(remarkGfm)
  .use(imagesAsLinks)
  .use(remarkRehype)
  .use(rehypeSanitize, schema)
  .use(linksWithoutReferrer)
  .use(rehypeStringify)
  .freeze();

/** What the two small plugins need of a syntax tree's node. */
type TreeNode = {
  type: string;
  tagName?: string;
  url?: string;
  alt?: string | null;
  value?: string;
  properties?: Record<string, unknown>;
  children?: TreeNode[];
};

/** Nesting beyond which a text is shown as it stands: the parser recurses. */
const nestingMax = 60;

/** Longest text that is rendered: the parser takes about 10 us a character, and 40 us in tables. */
const proseUnitsMax = 65_536;
const tableLinesMax = 1_000;

/**
 * Renders Markdown (CommonMark and tables). Raw HTML in it is dropped. A text that is absurdly long, or nested absurdly
 * deep, is shown verbatim.
 */
export function renderProse(markdown: string): string {
  if (markdown.length > proseUnitsMax || isTooDeep(markdown)) return `<pre>${escapeHtml(markdown)}</pre>`;
  return String(processor.processSync(markdown));
}

/** Counts table lines and what may nest: quote and list markers at a line's start, and runs of brackets and emphasis in it. */
function isTooDeep(markdown: string): boolean {
  let tableLines = 0;
  for (const line of markdown.split("\n")) {
    if (line.includes("|")) tableLines += 1;
    if (tableLines > tableLinesMax) return true;
    const lead = /^[ \t>*+\-0-9.)]*/.exec(line)?.[0] ?? "";
    if (lead.replace(/[ \t]/g, "").length > nestingMax && !/^[-* \t]*$/.test(lead)) return true;
    if (countOf(line, "[") > 500 || countOf(line, "*") + countOf(line, "_") > 2_000) return true;
  }
  return false;
}

function countOf(line: string, unit: string): number {
  let count = 0;
  for (let at = line.indexOf(unit); at >= 0; at = line.indexOf(unit, at + 1)) count += 1;
  return count;
}

function escapeHtml(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

function imagesAsLinks(): (tree: TreeNode) => void {
  return (tree) => {
    visit(tree, (node) => {
      if (node.type !== "image") return;
      node.type = "link";
      node.children = [{ type: "text", value: node.alt ? `[image: ${node.alt}]` : "[image]" }];
    });
  };
}

function linksWithoutReferrer(): (tree: TreeNode) => void {
  return (tree) => {
    visit(tree, (node) => {
      if (node.tagName === "a") node.properties = { ...node.properties, rel: "nofollow noopener noreferrer" };
    });
  };
}

function visit(node: TreeNode, act: (node: TreeNode) => void): void {
  act(node);
  for (const child of node.children ?? []) visit(child, act);
}
