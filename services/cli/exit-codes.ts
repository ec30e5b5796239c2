/** What `sektor` leaves behind for scripts. */
export const exitCodes = {
  ok: 0,
  /** The server said no, the reply broke off, or some request of a benchmark failed. */
  error: 1,
  /** The command line cannot be understood. */
  usage: 2,
  /** Nobody answers at --url. */
  unreachable: 3,
  /** Ended by Ctrl-C; 128 + SIGINT, as shells count. */
  interrupted: 130,
} as const;
