// SPDX-License-Identifier: Apache-2.0
/*
 * What things cost on this machine, for a profile of the contention simulator.
 *
 *	cc -O2 -pthread -o calibrate calibrate.c && ./calibrate [SECONDS]
 *
 * Prints facts and figures, one a line, on standard output; `hunkbook calibrate --from FILE` makes a profile of them, so
 * that a machine without Node (a phone) can be measured too. Needs no privilege; UFFDIO_MOVE is left out where it is not
 * permitted. Each figure is the median of its rounds: other load only adds rounds that are too long.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <pthread.h>
#include <sched.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#if defined(__has_include)
#if __has_include(<linux/userfaultfd.h>)
#include <linux/userfaultfd.h>
#define HAVE_USERFAULTFD 1
#endif
#endif

#define ROUNDS_MIN 5
#define ROUNDS_MAX 400
#define NS_PER_S 1000000000ull

static size_t page_bytes;
static double share_ns;		/* wall time that one figure may take */
static int cpu_a, cpu_b = -1;	/* two CPUs of different cores where there are such; cpu_b -1: there is one CPU */

static uint64_t now_ns(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (uint64_t)t.tv_sec * NS_PER_S + (uint64_t)t.tv_nsec;
}

static void give_up(const char *what)
{
	fprintf(stderr, "calibrate: %s: %s\n", what, strerror(errno));
	exit(1);
}

static void missing(const char *name, const char *why)
{
	printf("missing %s %s\n", name, why);
	fflush(stdout);
}

static void relax(void)
{
#if defined(__x86_64__) || defined(__i386__)
	__asm__ volatile("pause" ::: "memory");
#elif defined(__aarch64__) || defined(__arm__)
	__asm__ volatile("yield" ::: "memory");
#else
	__asm__ volatile("" ::: "memory");
#endif
}

/* A spinning thread lets others run now and then: the other side may be waiting for this very CPU. */
static void relax_in_turn(unsigned int *spins)
{
	relax();
	if (++*spins % 65536 == 0)
		sched_yield();
}

static void pin(int cpu)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	CPU_SET(cpu, &set);
	if (sched_setaffinity(0, sizeof(set), &set))
		give_up("sched_setaffinity");
}

static int compare_doubles(const void *left, const void *right)
{
	double a = *(const double *)left, b = *(const double *)right;

	return a < b ? -1 : a > b;
}

static double median_of(double *values, int count)
{
	qsort(values, count, sizeof(*values), compare_doubles);
	return count % 2 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

/* Prints a figure and gives its median. `round` gives nanoseconds of one operation, or less than 0 when it cannot tell. */
static double measure(const char *name, double (*round)(void))
{
	static double values[ROUNDS_MAX];
	uint64_t start = now_ns();
	double middle;
	int count = 0;

	while (count < ROUNDS_MAX) {
		double spent = (double)(now_ns() - start);
		double value;

		/* A figure whose rounds often fail gets twice its share more. */
		if (spent >= share_ns && (count >= ROUNDS_MIN || spent >= 3 * share_ns))
			break;
		value = round();
		if (value >= 0)
			values[count++] = value;
	}
	if (count < ROUNDS_MIN) {
		missing(name, "could not be told apart from noise");
		return -1;
	}
	middle = median_of(values, count);
	printf("figure %s %.2f rounds %d min %.2f max %.2f\n", name, middle, count, values[0], values[count - 1]);
	fflush(stdout);
	return middle;
}

/* ---- instructions ---- */

static double round_syscall(void)
{
	const int calls = 20000;
	uint64_t start = now_ns();

	for (int i = 0; i < calls; i++)
		syscall(SYS_getppid);
	return (double)(now_ns() - start) / calls;
}

static double round_atomic_local(void)
{
	static atomic_long counter;
	const int operations = 200000;
	uint64_t start = now_ns();

	for (int i = 0; i < operations; i++)
		atomic_fetch_add(&counter, 1);
	return (double)(now_ns() - start) / operations;
}

/* Each load's address hangs on the value of the one before: its latency, not how many fit beside each other. */
static double round_plain(void)
{
	static volatile uintptr_t cell;
	const int loads = 500000;
	uintptr_t offset = 0;
	uint64_t start = now_ns();

	for (int i = 0; i < loads; i++)
		offset = *(&cell + offset);
	return (double)(now_ns() - start) / loads + (double)offset;
}

static double round_pause(void)
{
	const int pauses = 50000;
	uint64_t start = now_ns();

	for (int i = 0; i < pauses; i++)
		relax();
	return (double)(now_ns() - start) / pauses;
}

static atomic_int company_leaves;

static void futex_wait(atomic_int *word, int value)
{
	syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
}

static void futex_wake(atomic_int *word)
{
	syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0);
}

static void *keep_company(void *unused)
{
	while (!atomic_load(&company_leaves))
		futex_wait(&company_leaves, 0);
	return unused;
}

static double round_mutex(void)
{
	static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
	const int pairs = 100000;
	uint64_t start = now_ns();

	for (int i = 0; i < pairs; i++) {
		pthread_mutex_lock(&mutex);
		pthread_mutex_unlock(&mutex);
	}
	return (double)(now_ns() - start) / pairs;
}

static double round_spinlock(void)
{
	static pthread_spinlock_t lock;
	const int pairs = 100000;
	uint64_t start;

	pthread_spin_init(&lock, PTHREAD_PROCESS_PRIVATE);
	start = now_ns();
	for (int i = 0; i < pairs; i++) {
		pthread_spin_lock(&lock);
		pthread_spin_unlock(&lock);
	}
	return (double)(now_ns() - start) / pairs;
}

/* A process of one thread takes its mutexes without atomics: another thread has to exist. */
static void measure_locks(void)
{
	pthread_t company;

	if (pthread_create(&company, NULL, keep_company, NULL))
		give_up("pthread_create");
	measure("mutex_pair", round_mutex);
	measure("spinlock_pair", round_spinlock);
	atomic_store(&company_leaves, 1);
	futex_wake(&company_leaves);
	pthread_join(company, NULL);
}

/* ---- two CPUs, one line ---- */

static struct {
	_Alignas(256) atomic_int turn;
	_Alignas(256) atomic_long shared;
} lines;

static bool ball_carries_atomic;
static const int ball_rounds = 2000;

static void play_ball(int side)
{
	unsigned int spins = 0;

	for (int i = 0; i < ball_rounds; i++) {
		while (atomic_load_explicit(&lines.turn, memory_order_acquire) != side)
			relax_in_turn(&spins);
		if (ball_carries_atomic)
			atomic_fetch_add(&lines.shared, 1);
		atomic_store_explicit(&lines.turn, !side, memory_order_release);
	}
}

static void *ball_partner(void *unused)
{
	pin(cpu_b);
	play_ball(1);
	return unused;
}

static double round_ball(void)
{
	pthread_t partner;
	uint64_t start, end;
	unsigned int spins = 0;

	/* The partner begins when it gets the ball: its start-up is not measured. */
	atomic_store(&lines.turn, 1);
	if (pthread_create(&partner, NULL, ball_partner, NULL))
		give_up("pthread_create");
	while (atomic_load(&lines.turn) != 0)
		relax_in_turn(&spins);
	start = now_ns();
	play_ball(0);
	end = now_ns();
	pthread_join(partner, NULL);
	return (double)(end - start) / (2.0 * ball_rounds);
}

static double round_spin_transfer(void)
{
	ball_carries_atomic = false;
	return round_ball();
}

/* With the atomic less without, right after each other: load that comes and goes meets both alike. */
static double round_atomic_transfer(void)
{
	double without = round_spin_transfer();

	ball_carries_atomic = true;
	return round_ball() - without;
}

static void measure_transfers(void)
{
	measure("spin_transfer", round_spin_transfer);
	measure("atomic_transfer", round_atomic_transfer);
}

/* ---- switches and wake-ups ---- */

static double round_futex_empty(void)
{
	static atomic_int nobody;
	const int calls = 20000;
	uint64_t start = now_ns();

	for (int i = 0; i < calls; i++)
		futex_wake(&nobody);
	return (double)(now_ns() - start) / calls;
}

static atomic_int pong_word;
static int pong_cpu;
static const int pongs = 200;

static void *pong_partner(void *unused)
{
	pin(pong_cpu);
	for (int i = 0; i < pongs; i++) {
		while (atomic_load(&pong_word) != 1)
			futex_wait(&pong_word, 0);
		atomic_store(&pong_word, 0);
		futex_wake(&pong_word);
	}
	return unused;
}

/* One way of a ping-pong between two sleepers: a wake-up and a switch to the woken. */
static double round_pong(void)
{
	pthread_t partner;
	uint64_t start, end;

	atomic_store(&pong_word, 0);
	if (pthread_create(&partner, NULL, pong_partner, NULL))
		give_up("pthread_create");
	start = now_ns();
	for (int i = 0; i < pongs; i++) {
		atomic_store(&pong_word, 1);
		futex_wake(&pong_word);
		while (atomic_load(&pong_word) != 0)
			futex_wait(&pong_word, 1);
	}
	end = now_ns();
	pthread_join(partner, NULL);
	return (double)(end - start) / (2.0 * pongs);
}

static double round_pong_here(void)
{
	pong_cpu = cpu_a;
	return round_pong();
}

static double round_pong_there(void)
{
	pong_cpu = cpu_b;
	return round_pong();
}

#define SLEEPERS 64

static atomic_int beds[SLEEPERS];

static void *sleep_in(void *bed)
{
	struct sched_param none = { 0 };

	pin(cpu_a);
	/* Batch tasks do not preempt who wakes them (kernel/sched/fair.c): the waker is measured alone. */
	sched_setscheduler(0, SCHED_BATCH, &none);
	while (atomic_load((atomic_int *)bed) == 0)
		futex_wait(bed, 0);
	return NULL;
}

static void let_them_sleep(void)
{
	struct timespec moment = { .tv_nsec = 200000 };

	/* The sleepers share this CPU: while this thread sleeps, they run until they sleep too. */
	for (int i = 0; i < 10; i++)
		nanosleep(&moment, NULL);
}

/* A wake-up of a task of this CPU, with its system call. */
static double round_wake_local(void)
{
	pthread_t threads[SLEEPERS];
	uint64_t start, end;

	for (int i = 0; i < SLEEPERS; i++) {
		atomic_store(&beds[i], 0);
		if (pthread_create(&threads[i], NULL, sleep_in, &beds[i]))
			give_up("pthread_create");
	}
	let_them_sleep();
	start = now_ns();
	for (int i = 0; i < SLEEPERS; i++) {
		atomic_store(&beds[i], 1);
		futex_wake(&beds[i]);
	}
	end = now_ns();
	for (int i = 0; i < SLEEPERS; i++)
		pthread_join(threads[i], NULL);
	return (double)(end - start) / SLEEPERS;
}

static struct {
	atomic_int word;
	atomic_int stop;
	_Atomic uint64_t ran_at;
} busy;

static void *occupy(void *unused)
{
	struct sched_param none = { 0 };

	pin(cpu_b);
	sched_setscheduler(0, SCHED_IDLE, &none);
	while (!atomic_load(&busy.stop))
		relax();
	return unused;
}

static void *wake_up_on_busy_cpu(void *unused)
{
	uint64_t ran_at;

	pin(cpu_b);
	for (;;) {
		while (atomic_load(&busy.word) == 0)
			futex_wait(&busy.word, 0);
		if (atomic_load(&busy.stop))
			return unused;
		/* The bell is put back before the waker hears of it: it may ring again at once. */
		ran_at = now_ns();
		atomic_store(&busy.word, 0);
		atomic_store(&busy.ran_at, ran_at);
	}
}

static double one_wake_remote(void)
{
	struct timespec moment = { .tv_nsec = 100000 };
	uint64_t start, ran_at;
	unsigned int spins = 0;

	nanosleep(&moment, NULL);
	atomic_store(&busy.ran_at, 0);
	start = now_ns();
	atomic_store(&busy.word, 1);
	futex_wake(&busy.word);
	while ((ran_at = atomic_load(&busy.ran_at)) == 0)
		relax_in_turn(&spins);
	return ran_at < start ? -1 : (double)(ran_at - start);
}

/* From the wake-up until the task runs, on a CPU that runs something less important. */
static double round_wake_remote(void)
{
	enum { wakes = 50 };
	static double values[wakes];
	pthread_t occupant, sleeper;
	int count = 0;

	atomic_store(&busy.stop, 0);
	atomic_store(&busy.word, 0);
	if (pthread_create(&occupant, NULL, occupy, NULL) || pthread_create(&sleeper, NULL, wake_up_on_busy_cpu, NULL))
		give_up("pthread_create");
	for (int i = 0; i < wakes; i++) {
		double value = one_wake_remote();

		if (value >= 0)
			values[count++] = value;
	}
	atomic_store(&busy.stop, 1);
	atomic_store(&busy.word, 1);
	futex_wake(&busy.word);
	pthread_join(sleeper, NULL);
	pthread_join(occupant, NULL);
	return count == 0 ? -1 : median_of(values, count);
}

/* ---- interruptions of a spinning CPU ---- */

#define GAPS_MAX 4096

static struct {
	atomic_int ready;
	atomic_int stop;
	int count;
	double quiet_ns;
	double gaps[GAPS_MAX];
} watch;

/* Reads the clock without end; what is much longer than usual was an interruption. Above 100 us it was another task. */
static void watch_gaps(void)
{
	enum { warm_ups = 2000 };
	static double steps[warm_ups];
	uint64_t last = now_ns();

	for (int i = 0; i < warm_ups; i++) {
		uint64_t next = now_ns();

		steps[i] = (double)(next - last);
		last = next;
	}
	watch.quiet_ns = median_of(steps, warm_ups);
	watch.count = 0;
	atomic_store(&watch.ready, 1);
	last = now_ns();
	while (!atomic_load_explicit(&watch.stop, memory_order_relaxed)) {
		uint64_t next = now_ns();
		double gap = (double)(next - last);

		last = next;
		if (gap > 4 * watch.quiet_ns + 100 && gap < 100000 && watch.count < GAPS_MAX)
			watch.gaps[watch.count++] = gap - watch.quiet_ns;
	}
}

static void *watch_over_there(void *unused)
{
	pin(cpu_b);
	watch_gaps();
	return unused;
}

static void start_watching(pthread_t *watcher)
{
	unsigned int spins = 0;

	atomic_store(&watch.ready, 0);
	atomic_store(&watch.stop, 0);
	if (pthread_create(watcher, NULL, watch_over_there, NULL))
		give_up("pthread_create");
	while (!atomic_load(&watch.ready))
		relax_in_turn(&spins);
}

static void stop_watching(pthread_t watcher)
{
	atomic_store(&watch.stop, 1);
	pthread_join(watcher, NULL);
}

/* While nothing else happens, what interrupts a busy CPU is its tick. */
static double round_tick(void)
{
	struct timespec while_ticking = { .tv_nsec = 60000000 };
	pthread_t watcher;

	start_watching(&watcher);
	nanosleep(&while_ticking, NULL);
	stop_watching(watcher);
	return watch.count < 3 ? -1 : median_of(watch.gaps, watch.count);
}

/* ---- memory ---- */

static char *map_pages(size_t pages)
{
	char *area = mmap(NULL, pages * page_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	if (area == MAP_FAILED)
		give_up("mmap");
	madvise(area, pages * page_bytes, MADV_NOHUGEPAGE);
	return area;
}

static void touch(char *area, size_t pages)
{
	for (size_t i = 0; i < pages; i++)
		((volatile char *)area)[i * page_bytes] = 1;
}

static const size_t area_pages = 2048;

static double round_minor_fault(void)
{
	char *area = map_pages(area_pages);
	uint64_t start, end;

	touch(area, 1);
	start = now_ns();
	touch(area + page_bytes, area_pages - 1);
	end = now_ns();
	munmap(area, area_pages * page_bytes);
	return (double)(end - start) / (double)(area_pages - 1);
}

static double round_unmap(void)
{
	char *area = map_pages(area_pages);
	uint64_t start;

	touch(area, area_pages);
	start = now_ns();
	munmap(area, area_pages * page_bytes);
	return (double)(now_ns() - start) / (double)area_pages;
}

/* A child that lives until the pipe closes, or ends at once; gives the time of fork() in the parent. */
static double fork_once(int *pipe_to_child, pid_t *child)
{
	uint64_t start, end;

	start = now_ns();
	*child = fork();
	if (*child == 0) {
		char byte;

		if (pipe_to_child) {
			close(pipe_to_child[1]);
			while (read(pipe_to_child[0], &byte, 1) > 0)
				;
		}
		_exit(0);
	}
	end = now_ns();
	if (*child < 0)
		give_up("fork");
	return (double)(end - start);
}

static double round_fork(void)
{
	pid_t child;
	double ns = fork_once(NULL, &child);

	waitpid(child, NULL, 0);
	return ns;
}

/* Write faults on pages shared with a child (`lives`), or with one that has gone. */
static double write_after_fork(bool lives)
{
	const size_t pages = 512;
	char *area = map_pages(pages);
	int ends[2];
	pid_t child;
	uint64_t start, end;

	touch(area, pages);
	if (pipe(ends))
		give_up("pipe");
	fork_once(ends, &child);
	if (!lives) {
		close(ends[1]);
		waitpid(child, NULL, 0);
	}
	start = now_ns();
	touch(area, pages);
	end = now_ns();
	if (lives) {
		close(ends[1]);
		waitpid(child, NULL, 0);
	}
	close(ends[0]);
	munmap(area, pages * page_bytes);
	return (double)(end - start) / (double)pages;
}

static double round_cow_copy(void)
{
	return write_after_fork(true);
}

static double round_cow_reuse(void)
{
	return write_after_fork(false);
}

/* Every second page read-only: as many VMAs as pages, all of one anon_vma. */
static char *map_vmas(size_t vmas)
{
	char *area = map_pages(vmas);

	touch(area, vmas);
	for (size_t i = 0; i < vmas; i += 2)
		if (mprotect(area + i * page_bytes, page_bytes, PROT_READ))
			give_up("mprotect");
	return area;
}

static const size_t vma_count = 1000;

static double round_unlink_vma(void)
{
	char *area = map_vmas(vma_count);
	uint64_t start = now_ns();

	munmap(area, vma_count * page_bytes);
	return (double)(now_ns() - start) / (double)vma_count;
}

static void measure_forks(void)
{
	char *area;

	measure("fork_base", round_fork);
	area = map_pages(vma_count);
	touch(area, vma_count);
	measure("fork_1000_pages", round_fork);
	munmap(area, vma_count * page_bytes);
	area = map_vmas(vma_count);
	measure("fork_1000_vmas", round_fork);
	munmap(area, vma_count * page_bytes);
	measure("unlink_vma", round_unlink_vma);
	measure("cow_copy", round_cow_copy);
	measure("cow_reuse", round_cow_reuse);
}

/* ---- TLB ---- */

enum { protects = 100 };

static char *flush_page;

/* Time of one mprotect to `protection`, median of many; the page was written before, so that it is in the TLB. */
static double protect_round(int protection)
{
	static double values[protects];

	for (int i = 0; i < protects; i++) {
		uint64_t start;

		if (protection == (PROT_READ | PROT_WRITE)) {
			mprotect(flush_page, page_bytes, PROT_READ);
			(void)*(volatile char *)flush_page;
		} else {
			touch(flush_page, 1);
		}
		start = now_ns();
		if (mprotect(flush_page, page_bytes, protection))
			give_up("mprotect");
		values[i] = (double)(now_ns() - start);
		mprotect(flush_page, page_bytes, PROT_READ | PROT_WRITE);
	}
	return median_of(values, protects);
}

static double round_protect_flush(void)
{
	return protect_round(PROT_READ);
}

static double round_protect_no_flush(void)
{
	return protect_round(PROT_READ | PROT_WRITE);
}

/*
 * The same while another CPU runs this mm: it has to be interrupted, and sees the interruption as a gap. With fewer gaps
 * than flushes the other CPU did something else, or flushes are no interrupts here.
 */
static double round_protect_remote(void)
{
	pthread_t watcher;
	double ns;

	start_watching(&watcher);
	ns = protect_round(PROT_READ);
	stop_watching(watcher);
	return watch.count < protects * 3 / 4 ? -1 : ns;
}

static double round_handle(void)
{
	return round_protect_remote() < 0 ? -1 : median_of(watch.gaps, watch.count);
}

static void measure_flushes(void)
{
	flush_page = map_pages(1);
	touch(flush_page, 1);
	measure("protect_no_flush", round_protect_no_flush);
	measure("protect_flush_local", round_protect_flush);
	if (cpu_b >= 0) {
		measure("protect_flush_remote", round_protect_remote);
		measure("flush_handle", round_handle);
	}
	munmap(flush_page, page_bytes);
}

/* ---- UFFDIO_MOVE ---- */

#ifdef HAVE_USERFAULTFD

#ifndef UFFD_FEATURE_MOVE
#define UFFD_FEATURE_MOVE (1 << 16)
#endif
#ifndef UFFDIO_MOVE
struct uffdio_move {
	__u64 dst, src, len, mode;
	__s64 move;
};
#define UFFDIO_MOVE _IOWR(UFFDIO, 0x05, struct uffdio_move)
#endif

static int move_fd;
static size_t move_chunk_pages;

static bool move_all(char *to, char *from, size_t bytes)
{
	while (bytes > 0) {
		struct uffdio_move move = { .dst = (uintptr_t)to, .src = (uintptr_t)from, .len = bytes };

		if (!ioctl(move_fd, UFFDIO_MOVE, &move))
			return true;
		if (errno != EAGAIN)
			return false;
		if (move.move > 0) {
			to += move.move;
			from += move.move;
			bytes -= (size_t)move.move;
		}
	}
	return true;
}

/* One thread, nothing else in this mm: nanoseconds of one ioctl of move_chunk_pages. */
static double round_move(void)
{
	const size_t pages = 1024;
	char *from = map_pages(pages), *to = map_pages(pages);
	struct uffdio_register range = { .range = { (uintptr_t)to, pages * page_bytes },
					 .mode = UFFDIO_REGISTER_MODE_MISSING };
	uint64_t start, end;
	bool moved = true;

	if (ioctl(move_fd, UFFDIO_REGISTER, &range))
		give_up("UFFDIO_REGISTER");
	touch(from, pages);
	start = now_ns();
	for (size_t at = 0; at < pages && moved; at += move_chunk_pages)
		moved = move_all(to + at * page_bytes, from + at * page_bytes, move_chunk_pages * page_bytes);
	end = now_ns();
	munmap(to, pages * page_bytes);
	munmap(from, pages * page_bytes);
	return moved ? (double)(end - start) / (double)(pages / move_chunk_pages) : -1;
}

static void measure_moves(void)
{
	struct uffdio_api api = { .api = UFFD_API, .features = UFFD_FEATURE_MOVE };

	move_fd = (int)syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK);
	if (move_fd < 0) {
		missing("move", errno == EPERM ? "userfaultfd is not permitted here" : "no userfaultfd in this kernel");
		return;
	}
	if (ioctl(move_fd, UFFDIO_API, &api)) {
		missing("move", "this kernel has no UFFDIO_MOVE (6.8 and later have)");
		close(move_fd);
		return;
	}
	move_chunk_pages = 1;
	measure("move_1_page", round_move);
	move_chunk_pages = 256;
	measure("move_256_pages", round_move);
	close(move_fd);
}

#else

static void measure_moves(void)
{
	missing("move", "compiled without linux/userfaultfd.h");
}

#endif

/* ---- facts ---- */

static bool read_line_of(const char *path, char *line, size_t bytes)
{
	FILE *file = fopen(path, "r");
	bool read = file && fgets(line, (int)bytes, file);

	if (file)
		fclose(file);
	if (read)
		line[strcspn(line, "\n")] = '\0';
	return read;
}

static void print_model(void)
{
	char line[512];
	FILE *file = fopen("/proc/cpuinfo", "r");

	while (file && fgets(line, sizeof(line), file)) {
		char *value = strchr(line, ':');

		if (!value || (strncmp(line, "model name", 10) && strncmp(line, "Hardware", 8)))
			continue;
		value += 1 + strspn(value + 1, " \t");
		value[strcspn(value, "\n")] = '\0';
		printf("model %s\n", value);
		fclose(file);
		return;
	}
	if (file)
		fclose(file);
	if (read_line_of("/sys/firmware/devicetree/base/model", line, sizeof(line)))
		printf("model %s\n", line);
}

static void print_kernel(void)
{
	struct utsname name;
	struct timespec resolution;
	char line[512];
	const char *word;

	if (uname(&name))
		give_up("uname");
	printf("kernel %s %s\n", name.sysname, name.release);
	printf("machine %s\n", name.machine);
	/* Of the version only the word: the rest holds a date and a builder's name. */
	word = strstr(name.version, "PREEMPT");
	printf("built-preempt %.*s\n", word ? (int)strcspn(word, " ") : 4, word ? word : "none");
	/* `none (voluntary) full lazy`: the one in brackets is on. */
	if (read_line_of("/sys/kernel/debug/sched/preempt", line, sizeof(line)))
		printf("preempt %s\n", line);
	if (read_line_of("/proc/cmdline", line, sizeof(line)) && (word = strstr(line, "preempt=")))
		printf("boot-preempt %.*s\n", (int)strcspn(word + 8, " "), word + 8);
	/* The coarse clock moves with the tick. */
	if (!clock_getres(CLOCK_MONOTONIC_COARSE, &resolution) && resolution.tv_nsec > 0)
		printf("hz %ld\n", (long)(NS_PER_S / (uint64_t)resolution.tv_nsec));
}

static void print_cpus(void)
{
	int count = (int)sysconf(_SC_NPROCESSORS_ONLN);
	char load[64];

	if (read_line_of("/proc/loadavg", load, sizeof(load)))
		printf("load %.*s\n", (int)strcspn(load, " "), load);

	printf("cpus %d\n", count);
	for (int cpu = 0; cpu < count; cpu++) {
		char path[96], line[64];

		snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/cpu_capacity", cpu);
		if (read_line_of(path, line, sizeof(line)))
			printf("capacity %d %ld\n", cpu, strtol(line, NULL, 10));
	}
}

/* Whether `cpu` stands in a list such as 0,32 or 0-1. */
static bool in_list(const char *list, int cpu)
{
	while (*list) {
		char *end;
		long low = strtol(list, &end, 10), high = low;

		if (*end == '-')
			high = strtol(end + 1, &end, 10);
		if (cpu >= low && cpu <= high)
			return true;
		list = *end == ',' ? end + 1 : "";
	}
	return false;
}

/* The last CPU that this process may run on, and one of another core: on phones the last are the fast ones. */
static void choose_cpus(void)
{
	char path[96], siblings[256] = "";
	cpu_set_t set;
	int other = -1;

	if (sched_getaffinity(0, sizeof(set), &set))
		give_up("sched_getaffinity");
	cpu_a = -1;
	for (int cpu = CPU_SETSIZE - 1; cpu >= 0; cpu--)
		if (cpu_a < 0 && CPU_ISSET(cpu, &set))
			cpu_a = cpu;
	snprintf(path, sizeof(path), "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu_a);
	read_line_of(path, siblings, sizeof(siblings));
	for (int cpu = cpu_a - 1; cpu >= 0; cpu--) {
		if (!CPU_ISSET(cpu, &set))
			continue;
		if (other < 0)
			other = cpu;
		if (cpu_b < 0 && !in_list(siblings, cpu))
			cpu_b = cpu;
	}
	if (cpu_b >= 0)
		printf("pair %d %d different-cores\n", cpu_a, cpu_b);
	else if (other >= 0)
		printf("pair %d %d one-core\n", cpu_a, cpu_b = other);
	else
		printf("pair %d none\n", cpu_a);
}

static double seconds_asked(int argc, char **argv)
{
	double seconds = argc > 1 ? strtod(argv[1], NULL) : 20;

	if (argc > 2 || !(seconds >= 0.1 && seconds <= 600)) {
		fprintf(stderr, "usage: calibrate [SECONDS], 0.1 to 600\n");
		exit(2);
	}
	return seconds;
}

int main(int argc, char **argv)
{
	double seconds = seconds_asked(argc, argv);

	/* Rounds that began are finished; a machine on which they take for ever is given up. */
	alarm((unsigned int)(4 * seconds) + 60);
	page_bytes = (size_t)sysconf(_SC_PAGESIZE);
	printf("hunkbook-calibrate 1\n");
	printf("page %zu\n", page_bytes);
	print_model();
	print_kernel();
	print_cpus();
	choose_cpus();
	fflush(stdout);
	share_ns = seconds * (double)NS_PER_S / 28;
	/* Less disturbed where it is permitted, nothing lost where it is not. */
	setpriority(PRIO_PROCESS, 0, -20);
	pin(cpu_a);
	measure("syscall", round_syscall);
	measure("atomic_local", round_atomic_local);
	measure("plain_shared", round_plain);
	measure("pause", round_pause);
	measure_locks();
	measure("futex_empty", round_futex_empty);
	measure("wake_local", round_wake_local);
	measure("pong_same_cpu", round_pong_here);
	if (cpu_b >= 0) {
		measure_transfers();
		measure("pong_other_cpu", round_pong_there);
		measure("wake_busy_cpu", round_wake_remote);
		measure("tick", round_tick);
	} else {
		missing("spin_transfer", "there is one CPU");
	}
	measure("minor_fault", round_minor_fault);
	measure("unmap_page", round_unmap);
	measure_forks();
	measure_flushes();
	measure_moves();
	printf("end\n");
	return 0;
}
