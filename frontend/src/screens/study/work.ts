/** Work of some seconds on the server, asked about until it has ended. */
import { ApiError, get } from "../../shell/api";
import type { Job } from "./types";

const ASK_AGAIN_MS = 300;

export async function ended<T>(job: string, told?: (state: Job<T>) => void): Promise<T> {
  for (;;) {
    const state = await get<Job<T>>(`/api/sets/jobs/${job}`);
    told?.(state);
    if (state.state === "done") return state.result as T;
    if (state.state === "failed") throw new ApiError(state.error!.code, state.error!, 400);
    await new Promise((go_on) => setTimeout(go_on, ASK_AGAIN_MS));
  }
}
