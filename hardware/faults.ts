/**
 * Ways to break the machine on purpose. Each makes a named test fail that a sound machine passes, so that the tests are
 * known to look at the part in question.
 */
export interface Faults {
  /** A CPU that is asked to drop a translation says that it has, and keeps it. */
  readonly skipTlbShootdown: boolean;
  /** A CPU that writes does not invalidate the copies in other caches. */
  readonly skipCacheInvalidation: boolean;
  /** A modified line is dropped when its place is needed, not written to memory. */
  readonly loseWriteBack: boolean;
  /** A load does not see the stores that its own CPU holds back. */
  readonly noStoreForwarding: boolean;
  /** Fences and locked operations do not wait for the store buffer. */
  readonly weakFence: boolean;
  /** Interprocessor interrupts are lost. */
  readonly dropIpi: boolean;
  /** The timer never expires. */
  readonly stuckTimer: boolean;
  /** Masked interrupt lines are delivered all the same. */
  readonly ignoreMask: boolean;
  /** The writable and user bits of a page are not looked at. */
  readonly ignoreProtection: boolean;
  /** An untagged TLB is not flushed at an address-space switch. */
  readonly keepTlbAtSwitch: boolean;
}

/** A sound machine. */
export const noFaults: Faults = {
  skipTlbShootdown: false,
  skipCacheInvalidation: false,
  loseWriteBack: false,
  noStoreForwarding: false,
  weakFence: false,
  dropIpi: false,
  stuckTimer: false,
  ignoreMask: false,
  ignoreProtection: false,
  keepTlbAtSwitch: false,
};
