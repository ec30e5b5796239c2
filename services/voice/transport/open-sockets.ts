import type { VoiceSocket } from "./voice-socket.ts";

export interface OpenSockets {
  add(socket: VoiceSocket): void;
  /** Tells all that we are leaving, and resolves when they are gone. Who comes after is told at once. */
  closeAll(): Promise<void>;
}

export function createOpenSockets(): OpenSockets {
  const open = new Set<VoiceSocket>();
  let leaving = false;
  return {
    add: (socket) => {
      open.add(socket);
      void socket.ended.then(() => open.delete(socket));
      if (leaving) socket.close("shutting_down");
    },
    closeAll: async () => {
      leaving = true;
      for (const socket of open) socket.close("shutting_down");
      await Promise.all([...open].map(({ ended }) => ended));
    },
  };
}
