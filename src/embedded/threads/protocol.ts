/** To a thread: a call, the end of one, or the end of all. What was ended gets no response. */
export type ThreadRequest<Call> = { id: number; call: Call } | { abort: number } | 'close';

/** From a thread. */
export type ThreadResponse<Answer> = { id: number; answer: Answer } | { id: number; error: string };
