/** Named constants that kernel code takes for granted: errno, GFP_*, limits. Values as in the kernel for 32 bits. */

/** asm-generic/errno-base.h and errno.h, the ones that locking and mm code returns. */
const errno: readonly (readonly [string, number])[] = [
  ["EPERM", 1],
  ["ENOENT", 2],
  ["ESRCH", 3],
  ["EINTR", 4],
  ["EIO", 5],
  ["ENXIO", 6],
  ["E2BIG", 7],
  ["EBADF", 9],
  ["ECHILD", 10],
  ["EAGAIN", 11],
  ["EWOULDBLOCK", 11],
  ["ENOMEM", 12],
  ["EACCES", 13],
  ["EFAULT", 14],
  ["EBUSY", 16],
  ["EEXIST", 17],
  ["EXDEV", 18],
  ["ENODEV", 19],
  ["EINVAL", 22],
  ["ENFILE", 23],
  ["EMFILE", 24],
  ["EFBIG", 27],
  ["ENOSPC", 28],
  ["EROFS", 30],
  ["EPIPE", 32],
  ["EDOM", 33],
  ["ERANGE", 34],
  ["EDEADLK", 35],
  ["ENAMETOOLONG", 36],
  ["ENOSYS", 38],
  ["ENOTEMPTY", 39],
  ["ENODATA", 61],
  ["ETIME", 62],
  ["EPROTO", 71],
  ["EOVERFLOW", 75],
  ["EOPNOTSUPP", 95],
  ["ETIMEDOUT", 110],
  ["EALREADY", 114],
  ["EINPROGRESS", 115],
  ["ESTALE", 116],
  ["ECANCELED", 125],
  ["ERESTARTSYS", 512],
  ["ERESTARTNOINTR", 513],
  ["ENOTSUPP", 524],
];

/** Bits of our own choice, one per name: the model only asks whether __GFP_ZERO and __GFP_DIRECT_RECLAIM are set. */
const gfp: readonly (readonly [string, number])[] = [
  ["__GFP_ZERO", 0x100],
  ["__GFP_NOFAIL", 0x8000],
  ["__GFP_NOWARN", 0x2000],
  ["__GFP_NORETRY", 0x10000],
  ["__GFP_RETRY_MAYFAIL", 0x4000],
  ["__GFP_HIGH", 0x20],
  ["__GFP_DIRECT_RECLAIM", 0x400],
  ["__GFP_KSWAPD_RECLAIM", 0x800],
  ["__GFP_ACCOUNT", 0x400000],
  ["__GFP_MOVABLE", 0x8],
  ["__GFP_HIGHMEM", 0x2],
  ["GFP_KERNEL", 0xcc0],
  ["GFP_ATOMIC", 0x820],
  ["GFP_NOWAIT", 0x800],
  ["GFP_NOIO", 0xc00],
  ["GFP_NOFS", 0xc40],
  ["GFP_USER", 0x100cc0],
  ["GFP_HIGHUSER", 0x100cc2],
  ["GFP_HIGHUSER_MOVABLE", 0x100cca],
  ["GFP_KERNEL_ACCOUNT", 0x400cc0],
  ["GFP_TRANSHUGE_LIGHT", 0x1820ca],
];

const slab: readonly (readonly [string, number])[] = [
  ["SLAB_TYPESAFE_BY_RCU", 0x80000],
  ["SLAB_HWCACHE_ALIGN", 0x2000],
  ["SLAB_ACCOUNT", 0x4000000],
  ["SLAB_PANIC", 0x40000],
  ["SLAB_RECLAIM_ACCOUNT", 0x20000],
];

const limits: readonly (readonly [string, number])[] = [
  ["INT_MAX", 2147483647],
  ["INT_MIN", -2147483648],
  ["LONG_MAX", 2147483647],
  ["LONG_MIN", -2147483648],
  ["SHRT_MAX", 32767],
  ["U8_MAX", 255],
  ["U16_MAX", 65535],
  ["S32_MAX", 2147483647],
  ["BITS_PER_LONG", 32],
  ["BITS_PER_BYTE", 8],
  ["MAX_ERRNO", 4095],
  ["PAGE_SHIFT", 12],
  ["SINGLE_DEPTH_NESTING", 1],
  ["true", 1],
  ["false", 0],
];

/** int constants. */
export const intConstants: ReadonlyMap<string, number> = new Map([...errno, ...slab, ...limits]);

/** unsigned constants. */
export const unsignedConstants: ReadonlyMap<string, number> = new Map([
  ...gfp,
  ["UINT_MAX", 4294967295],
  ["ULONG_MAX", 4294967295],
  ["U32_MAX", 4294967295],
  ["PAGE_SIZE", 4096],
  ["PAGE_MASK", 0xfffff000],
]);

/** Value of __GFP_ZERO above. */
export const gfpZero = 0x100;
/** Value of __GFP_DIRECT_RECLAIM above: such an allocation may sleep. */
export const gfpDirectReclaim = 0x400;
/** Value of SLAB_TYPESAFE_BY_RCU above. */
export const slabTypesafeByRcu = 0x80000;
