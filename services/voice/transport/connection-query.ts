import { type Static, Type } from "typebox";

/** What an address may say besides the path. */
export const ConnectionQuery = Type.Object({
  model: Type.Optional(
    Type.String({
      maxLength: 256,
      description:
        "auto (yönlendirici seçer), bir sektör, sektör@sürüm ya da temel model. auto (the router decides), a sector, sector@version, or the base's id.",
    }),
  ),
  mode: Type.Optional(
    Type.Enum(["realtime", "simple"], {
      description:
        "realtime: OpenAI Realtime olayları. simple: ikili PCM16 ve kısa JSON. OpenAI's events, or binary PCM16 and short JSON.",
    }),
  ),
  rate: Type.Optional(
    Type.Enum(["8000", "16000", "24000"], {
      description: "PCM örnek hızı, Hz; realtime 24000, simple 16000. Rate of PCM in both directions.",
    }),
  ),
  intent: Type.Optional(
    Type.Enum(["conversation", "transcription"], {
      description: "transcription: söylenen yazıya dökülür, yanıtlanmaz. What is said is written down, not answered.",
    }),
  ),
  call_id: Type.Optional(Type.String({ maxLength: 256, description: "Desteklenmez. Not supported." })),
});
export type ConnectionQuery = Static<typeof ConnectionQuery>;
