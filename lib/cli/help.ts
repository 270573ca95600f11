/** What `hunkbook --help` and `hunkbook COMMAND --help` print. */

export const commandNames = [
  "check",
  "run",
  "simulate",
  "ablate",
  "reach",
  "mutate",
  "fmt",
  "replay",
  "promela",
  "calibrate",
  "fit",
  "import",
  "login",
  "seed",
] as const;
export type CommandName = (typeof commandNames)[number];

/** Commands that a person calls; `seed` belongs to the launcher. */
export const overview = `usage: hunkbook COMMAND ...

  check FILE[#cell]     explore every interleaving of the check cells; no server needed
  run FILE[#cell]       run every run cell of a notebook, or one
  simulate FILE[#cell]  what it costs, and whom: locks and CPUs in simulated time
  ablate FILE[#cell]    run every subset of the hunk switches: cause and cure
  reach FILE[#cell] EXPR   can this ever happen? a witness, or never
  mutate FILE[#cell]    break locks and re-checks one by one: who notices?
  fmt FILE              put a notebook into the form that survives a mail
  replay FILE#cell      walk through one schedule, step by step
  promela FILE[#cell]   write a scenario as a Promela model, to check us with SPIN
  calibrate             measure this machine's costs for the simulator
  fit OBSERVED          parameters from lock_stat, perf lock or bpftrace text
  import FILE           put a mailbox (mbox or one .eml) into the database
  login ADDRESS         print a one-use sign-in link for that address

  hunkbook COMMAND --help    its options
  hunkbook --version         version and engine digest

Exit codes: 0 holds, 1 violated (or a failed expect or claim), 2 rejected,
3 inconclusive, 4 usage, 5 stopped. Of several: the first of 2, 5, 1, 3, 0.
`;

const checkOptions = `  -p NAME=VALUE       a parameter's value; may be repeated
  --variant NAME      only this variant; may be repeated
  --reductions LIST   none, or names with commas; all that the engine has
                      when absent
  --coverage          which lines and branches no interleaving reached
  --swarm JOBS        many partial searches in random order, for what does not
                      fit: what they find is real, nothing found proves nothing
  --races MODE        error, note or off: what a data race is, whatever the
                      cells say
  --signals           killable and interruptible waits may end with an error
  --json              JSON Lines, one object a variant
  --expect            exit 0 exactly when every expect line matches
`;

/** The help of each command. */
export const commandHelp: Readonly<Record<CommandName, string>> = {
  check: `usage: hunkbook check FILE[#cell] [options]

Explores every interleaving of the check cells of a notebook, or of one cell,
in a sandboxed child process. Run keys and result hashes are the server's.
FILE may be - for standard input.

${checkOptions}`,
  run: `usage: hunkbook run FILE[#cell] [options]

Runs every run cell of a notebook, or one. Cells whose command this version
cannot run are named on standard error and exit 2.

${checkOptions}`,
  simulate: `usage: hunkbook simulate FILE[#cell] [options]

Runs the simulate, sweep, compare and crossover cells of a notebook, or one
cell, in simulated time on the CPUs of a machine profile: waits and holds of
locks, percentiles of spans with intervals, where the time went. A cell with
another command is simulated as it stands. Equal seeds give equal bytes. Exits
0 when everything was measured: figures are judged by expect lines and claims.

  --profile NAME|FILE a machine that ships (docs/profiles.md), or one's own
  --until TIME        simulated time of a replication, as 500ms or 2s
  --warmup TIME       what happens before is not counted
  --reps N            replications, for the intervals
  --seed N            of all chance
  --cpus N            so many instead of the profile's
  --timeline FILE     write the first replication of one run as a trace that
                      ui.perfetto.dev opens, instead of figures
  --csv, --ecdf       the figures, or the spans' distributions, as CSV
  -p NAME=VALUE       a parameter's value; may be repeated
  --variant NAME      only this variant; of a sweep also 'NAME LOAD=4'
  --json              JSON Lines, one object a run
  --expect            exit 0 exactly when every expect line matches
`,
  ablate: `usage: hunkbook ablate FILE[#cell] [SWITCH...] [options]

Runs the scenario of a run cell with every subset of the hunk switches, each
from scratch, and says which set causes a violation and which cures it. Without
#cell: every ablate cell. Above ten switches delta debugging looks at some of
the subsets, and the answer says so. Exits 1 when a subset is violated.

  SWITCH              only these; all others are off
${checkOptions.replace("only this variant;", "only this subset, '{A, B}';")}`,
  reach: `usage: hunkbook reach FILE[#cell] [--at TASK:LINE] EXPR [options]

Asks whether the expression of the scenario language ever holds: in any state,
or when a task stands right before a line. Answers with the shortest way there,
with never (when every state was seen), or with "not within these bounds".
Exits 0 when the question is answered, by yes or no, and 3 when it is not.

  --at TASK:LINE      a line of the file; TASK:CELL:LINE one of a cell
${checkOptions}`,
  mutate: `usage: hunkbook mutate FILE[#cell] [options]

Breaks the scenario in one place at a time: drops a lock with its unlock, drops
a re-check, exchanges two calls. A mutant is killed when a variant that holds as
it stands is violated so changed; a survivor is something that no property
watches. Barriers are not dropped: that has no effect under sequential
consistency. Exits 0 when every mutant is killed, 1 when one survives.

  --mutant ID         only this one, with its traces
${checkOptions.replace(/  --expect .*\n/, "")}`,
  fmt: `usage: hunkbook fmt FILE [--check]

Indents what mail software would cut or change, and says what it did. The file
is rewritten in place; - reads standard input and writes standard output.

  --check             change nothing; exit 1 when the file would change
`,
  replay: `usage: hunkbook replay FILE#cell --schedule SCHEDULE [options]

Prints the steps of one schedule, as a verdict's trace or a note gives it.

  --schedule TEXT     the schedule
  --variant NAME      which variant; needed when the cell has several
  -p NAME=VALUE       a parameter's value; may be repeated
  --json              the trace as one JSON object
`,
  promela: `usage: hunkbook promela FILE[#cell] [options]

Writes the scenario of a run cell as a Promela model to standard output: its
verdict and its number of states can then be checked with SPIN. #cell may be
left out where there is one run cell. What Promela cannot express is refused
with its place, exit 2. docs/promela.md says how to compare.

  --variant NAME      which variant; needed when the cell has several
  -p NAME=VALUE       a parameter's value; may be repeated
  --heap-slots N      objects alive at once in each pool that is allocated from
                      in a loop (4 when absent); an assertion of the model fails
                      when they do not suffice
`,
  calibrate: `usage: hunkbook calibrate [options]

Compiles a small C program with the system's cc, runs it, and makes a machine
profile of what it measured: atomics, switches, wake-ups, faults, TLB flushes,
and UFFDIO_MOVE where it is permitted. What could not be measured is an estimate
with a range. Prints the profile as JSON to standard output and the table to
standard error; with --out the table to standard output. docs/profiles.md says
how to use it.

  --out FILE          write the profile there
  --name NAME         its name; calibrated when absent
  --seconds N         about how long to measure, 1 to 600; 20 when absent
  --source            print the C program, to be compiled where there is no Node
  --from FILE         make the profile of that program's output; - reads
                      standard input
`,
  fit: `usage: hunkbook fit OBSERVED [options]

Reads what was observed on a machine: /proc/lock_stat, perf lock contention,
perf lock report, or histograms of bpftrace. Prints what it says of each lock,
and with --lock the distributions that fit its times, as param lines and work()
to paste into a notebook, beside their misfit. - reads standard input.

  --lock NAME         this lock (or map of bpftrace); needed to fit one of many
  --seconds N         how long was observed: gives the time between arrivals
  --tasks N           how many tasks took the lock; 1 when absent
  --unit UNIT         ns, us, ms or s: the unit of bpftrace's histograms, when the
                      map's name does not say
  --json              what was read and fitted, as JSON
`,
  import: `usage: hunkbook import FILE [--list NAME]

Puts a mailbox into the database: mbox (mboxrd) or a single mail (.eml).
What is there already is left alone. Works beside a running server, or alone.

  --list NAME         the mailing list that the mails came from
`,
  login: `usage: hunkbook login ADDRESS

Prints a link that signs one browser in as that address, once, within ten
minutes. Hand it to whoever reads mail there.
`,
  seed: `usage: hunkbook seed

For the launcher: imports the demonstration thread, installs the notebooks
that ship and asks their runs. Does nothing that was done before.
`,
};
