/** The JSON of a reply, to be looked at by assertions. */
// biome-ignore lint/suspicious/noExplicitAny: what a reply holds is what the test is about to find out
export async function json(reply: Response | Promise<Response>): Promise<any> {
  return await (await reply).json();
}
