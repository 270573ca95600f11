/** What scripts/scratch-server.mjs needs of the launcher, in one bundle. */
export { openDataHome, readSecrets } from "./data-home.server.ts";
export { prepareCluster } from "./postgres-cluster.server.ts";
export { supervise } from "./supervise.server.ts";
