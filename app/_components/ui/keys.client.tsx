"use client";
import { useEffect, useRef, useState, type ReactNode } from "react";

/** Keys and what they do, as the help panel lists them. */
const help: readonly (readonly [string, string])[] = [
  ["j k", "next, previous item or step"],
  ["[ ]", "previous, next patch"],
  ["n p", "next, previous mail of the thread"],
  ["Enter", "open the item"],
  ["u", "up: from mail to list, from run to notebook"],
  ["/", "filter"],
  ["?", "this help"],
  ["Esc", "close; leave a field"],
];

/** Single keys, only while no field has the focus and no modifier is down. The page works without any of them. */
export function Keys(): ReactNode {
  const [isOpen, setOpen] = useState(false);
  const close = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    const onKey = (event: KeyboardEvent): void => {
      if (event.key === "Escape") setOpen(false);
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return;
      if (event.key === "?") setOpen((open) => !open);
      else if (!act(event.key)) return;
      event.preventDefault();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, []);
  useEffect(() => {
    if (isOpen) close.current?.focus();
  }, [isOpen]);
  if (!isOpen) return null;
  return (
    <section className="help-panel" aria-label="Keys">
      <div className="flex items-baseline justify-between">
        <h2>Keys</h2>
        <button ref={close} type="button" className="button-quiet" onClick={() => setOpen(false)}>
          Close
        </button>
      </div>
      <dl>
        {help.map(([keys, what]) => (
          <div key={keys} className="contents">
            <dt>
              <kbd>{keys}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || target.closest("input, textarea, select, .monaco-editor, [data-no-keys]") !== null)
  );
}

function act(key: string): boolean {
  switch (key) {
    case "j":
      return step(1);
    case "k":
      return step(-1);
    case "[":
      return follow("[data-key=patch-previous]");
    case "]":
      return follow("[data-key=patch-next]");
    case "n":
      return follow("[data-key=mail-next]");
    case "p":
      return follow("[data-key=mail-previous]");
    case "u":
      return follow("[data-key=up]");
    case "/":
      return focusFilter();
    default:
      return false;
  }
}

function follow(selector: string): boolean {
  const link = document.querySelector<HTMLAnchorElement>(selector);
  link?.click();
  return link !== null;
}

function focusFilter(): boolean {
  const field = document.querySelector<HTMLInputElement>("[data-key=filter]");
  field?.focus();
  return field !== null;
}

/** Items are what can hold the focus and carries data-item; Enter then opens them as links do. */
function step(by: 1 | -1): boolean {
  const items = [...document.querySelectorAll<HTMLElement>("[data-item]")].filter((item) => item.offsetParent !== null);
  if (items.length === 0) return false;
  const here = items.findIndex((item) => item === document.activeElement);
  const next = items[here < 0 ? (by === 1 ? 0 : items.length - 1) : Math.min(items.length - 1, Math.max(0, here + by))];
  next?.focus();
  next?.scrollIntoView({ block: "nearest" });
  return true;
}
