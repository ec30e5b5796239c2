import { abandon, changeSubject, chat, form, job, mistakes, rated, stream } from "./chat.ts";
import type { Message } from "./messages.ts";

/** So many messages one round uses up. */
export const messagesPerRound = 11;

/**
 * A little of everything but speech: turns of several sectors, whole, streamed, abandoned, of one conversation, rated, as a job, refused.
 * @param round from 0; which messages are used, and the ratings, follow from it, so that two runs do the same
 */
export async function trafficRound(url: string, messages: readonly Message[], round: number): Promise<void> {
  const at = (index: number): Message => {
    const message = messages[(round * messagesPerRound + index) % messages.length];
    if (message === undefined) throw new Error("There are no messages.");
    return message;
  };
  await Promise.all([chat(url, { message: at(0).text }), stream(url, at(1)), stream(url, at(2))]);
  await chat(url, { message: at(3).text, sector: at(3).sector });
  await changeSubject(url, at(4), at(5));
  await Promise.all([rated(url, at(6), 1 + (round % 5)), rated(url, at(7), 4 + (round % 2))]);
  await abandon(url, at(8));
  await Promise.all([chat(url, { message: "hmm" }), job(url, at(9)), chat(url, { message: at(10).text })]);
  await mistakes(url);
  await form(url);
}
