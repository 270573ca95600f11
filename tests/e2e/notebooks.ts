/** Notebook texts for the tests: small scenarios whose every parameter value is a run of its own. */

const fence = "```";

/** Two tasks that count; without the lock an update is lost. */
export function countingNotebook(options: { readonly title: string; readonly prose?: string }): string {
  return `# ${options.title}

${fence}hunkbook
format: hunkbook/1
lang: scn/1
${fence}

${options.prose ?? "Two tasks count."}

${fence}param
START = 0 in 0..100000    # first value of the counter
${fence}

${fence}variant
plain = base
locked = LOCKED=1
${fence}

${fence}scn #model
spinlock_t lock;
int count = START;

task worker[2] {
	int seen;

#if LOCKED
	spin_lock(&lock);
#endif
	seen = READ_ONCE(count);
	WRITE_ONCE(count, seen + 1);
#if LOCKED
	spin_unlock(&lock);
#endif
}

finally(count == START + 2);
${fence}

${fence}run #race
check plain locked
${fence}
`;
}
