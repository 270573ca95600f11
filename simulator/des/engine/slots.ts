/** Slots of the event heap that every machine has; those of CPUs and tasks follow. */
export const slots = { until: 0, warmUp: 1, halfWay: 2, gracePeriod: 3 } as const;
