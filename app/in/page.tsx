import type { Metadata } from "next";
import type { ReactNode } from "react";

export const metadata: Metadata = { title: "Sign in" };

/** How to sign in: this server sends no mail by itself. */
export default function SignInHelp(): ReactNode {
  return (
    <main id="main" className="page page-narrow">
      <div className="empty">
        <h1>Sign in</h1>
        <p>
          Reading needs no account. To run scenarios, comment or keep notebooks, open a one-use link in this browser:
        </p>
        <ul className="list-disc pl-5 my-2">
          <li>
            the operator&apos;s link, which <code>npm start</code> prints;
          </li>
          <li>
            one for an address, which the operator makes with <code>npx --no hunkbook login ADDRESS</code>
          </li>
        </ul>
        <p>The address is the identity. A From: line in imported mail gives no rights.</p>
      </div>
    </main>
  );
}
