/** Mailboxes of our own writing for what the demonstration thread does not hold. */

const date = "Mon, 02 Mar 2026 10:00:00 +0000";

type MailText = {
  readonly id: string;
  readonly subject: string;
  readonly body: string;
  readonly inReplyTo?: string;
};

/** An mboxrd of these mails. */
export function mbox(mails: readonly MailText[]): string {
  return mails
    .map(({ id, subject, body, inReplyTo }) =>
      [
        "From mboxrd@z Thu Jan  1 00:00:00 1970",
        "From: Ada Example <ada@example.org>",
        "To: tests@lists.example.org",
        `Subject: ${subject}`,
        `Date: ${date}`,
        `Message-ID: <${id}>`,
        ...(inReplyTo === undefined ? [] : [`In-Reply-To: <${inReplyTo}>`, `References: <${inReplyTo}>`]),
        "Content-Type: text/plain; charset=UTF-8",
        "Content-Transfer-Encoding: 8bit",
        "",
        body.replace(/^(>*From )/gm, ">$1"),
        "",
      ].join("\n"),
    )
    .join("\n");
}

/** Markup, addresses and events that a careless page would run. Each would set window.__xss or ask another host. */
export const payloads: readonly string[] = [
  "<script>window.__xss=1</script>",
  '"><img src=x onerror="window.__xss=1">',
  "</title><script>window.__xss=1</script>",
  "</textarea><script>window.__xss=1</script>",
  "</pre><svg/onload=window.__xss=1>",
  "<iframe srcdoc='<script>parent.__xss=1</script>'></iframe>",
  "[x](javascript:window.__xss=1)",
  "![x](https://elsewhere.example/pixel.png)",
  '<a href="javascript:window.__xss=1">x</a>',
  "<style>@import url(https://elsewhere.example/x.css)</style>",
  "javascript:window.__xss=1",
  "`;window.__xss=1;//${window.__xss=1}",
  "&lt;script&gt;window.__xss=1&lt;/script&gt;",
  "\u202egnp.exe\u202c",
];

/** A patch that a page shows with every payload in its text, its diff and its file name. */
export function hostileMbox(): string {
  const body = [
    ...payloads,
    "---",
    "diff --git a/x<b>.c b/x<b>.c",
    "--- a/x<b>.c",
    "+++ b/x<b>.c",
    `@@ -1,2 +1,${2 + payloads.length} @@ <script>window.__xss=1</script>`,
    " int a;",
    ...payloads.map((payload) => `+${payload}`),
    " int b;",
    "",
  ].join("\n");
  return mbox([
    { id: "hostile<script>@example.org".replace(/[<>]/g, ""), subject: `[PATCH] ${payloads[0]} ${payloads[1]}`, body },
    {
      id: "hostile-reply@example.org",
      inReplyTo: "hostilescript@example.org",
      subject: `Re: [PATCH] ${payloads[0]}`,
      body: `> +${payloads[1]}\n\n${payloads.join("\n")}\n`,
    },
  ]);
}

/** A patch of so many changed lines in one file. */
export function longPatchMbox(lineCount: number): string {
  const added = Array.from(
    { length: lineCount },
    (_, at) => `+	value[${at}] = compute(value, ${at * 7}); /* entry ${at} */`,
  );
  const body = ["A long one.", "---", "diff --git a/long.c b/long.c", "--- a/long.c", "+++ b/long.c"]
    .concat(`@@ -1,1 +1,${lineCount + 1} @@ int main(void)`, " {", ...added, "-- ", "2.47.1")
    .join("\n");
  return mbox([{ id: "long@example.org", subject: "[PATCH] long: many lines", body }]);
}
