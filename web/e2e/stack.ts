/** The running stack that the browser is pointed at, and what only a local one offers. */
export const BASE_URL = (process.env.STACK ?? '').replace(/\/$/, '');

interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** The newest link mailed to an address; mail leaves by a queue, so it may take a moment. */
export async function mailedLink(address: string): Promise<string> {
  const deadline = Date.now() + 20_000;
  while (Date.now() < deadline) {
    const response = await fetch(`${BASE_URL}/_local/mail?to=${encodeURIComponent(address)}`, {
      headers: { Accept: 'application/json' },
    });
    const mails = (await response.json()) as Mail[];
    const link = mails[0]?.text.match(/\/verify\?token=\S+/)?.[0];
    if (link) {
      return link;
    }
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
  throw new Error(`no mail with a link reached ${address}`);
}
