/** Tells a process that it is a worker, and its number. Set by `supervise.ts`, read before every command. */
export const workerVariable = "PROXY_WORKER";
