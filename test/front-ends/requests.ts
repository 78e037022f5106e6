/** A fetch that keeps what it sent. */
export interface RecordingFetch {
  fetch: typeof fetch;
  /** What was sent, oldest first: the parsed body of a POST, the parameters of a GET. */
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it sent.
  sent: any[];
}

export function recordingFetch(): RecordingFetch {
  // biome-ignore lint/suspicious/noExplicitAny: each test knows what it sent.
  const sent: any[] = [];
  return {
    sent,
    fetch(address, init) {
      const { body } = init ?? {};
      if (typeof body === 'string') sent.push(JSON.parse(body));
      else if (body) sent.push(body);
      else sent.push(Object.fromEntries(new URL(String(address)).searchParams));
      return fetch(address, init);
    },
  };
}
