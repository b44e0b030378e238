/** Time in which an image was on the screen; while the page is hidden the clock stands. */
import { useEffect, useRef } from "react";

export function useStopwatch(): () => number {
  const clock = useRef({ total: 0, since: document.hidden ? 0 : performance.now() });
  useEffect(() => {
    const turn = () => {
      const { current } = clock;
      if (document.hidden && current.since) current.total += performance.now() - current.since;
      current.since = document.hidden ? 0 : performance.now();
    };
    document.addEventListener("visibilitychange", turn);
    return () => document.removeEventListener("visibilitychange", turn);
  }, []);
  return () => Math.round((clock.current.total + (clock.current.since ? performance.now() - clock.current.since : 0)) / 10) / 100;
}
