/** How figures of simulations are written, for pages: the same words as the command's. */
export {
  estimatedTimeText,
  grouped,
  holderName,
  holderStates,
  lockName,
  percentText,
  quantileName,
  rateText,
  simulationHeadline,
  timeText,
} from "#simulator";
