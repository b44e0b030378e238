/** One thing to judge, over the whole window: the images, the answer beside them, and nothing that tells what they are. */
import { useEffect, useMemo, useState } from "react";

import { Busy } from "../../parts/busy";
import { Fault } from "../../parts/fault";
import { Icon } from "../../parts/icons";
import { useText } from "../../shell/language";
import { Go } from "../../shell/route";
import { storedPixels, Viewer, ViewModel, type Pane, type Pixels, type Pointed } from "../../viewer";
import { Grades, MarkList, Ranks, Steps } from "./answers";
import { useReadingKeys } from "./keys";
import { useStopwatch } from "./timing";
import { isWhole, keyOf, letterOf, shownSteps, type Mark, type ReaderView, type Value } from "./types";

interface Given {
  view: ReaderView;
  number: number;
  onStore: (value: Value, seconds: number) => Promise<void>;
  onBack: (() => void) | null;
}

/** The clock begins when all pixels are here; those of the next image are then asked for. */
export function OneTrial(props: Given) {
  const { view, number } = props;
  const [pixels, show] = useState<Pixels[] | null>(null);
  const [error, fail] = useState<unknown>(null);
  const [attempt, tryAgain] = useState(0);
  const t = useText("reading");
  useEffect(() => {
    let gone = false;
    Promise.all(view.trials[number]!.images.map((address) => storedPixels(address))).then((all) => {
      if (gone) return;
      show(all);
      view.trials[number + 1]?.images.forEach((address) => void storedPixels(address).catch(() => undefined));
    }, fail);
    return () => {
      gone = true;
    };
  }, [view.id, number, attempt]);
  if (pixels) return <Judging {...props} pixels={pixels} />;
  return (
    <div className="reading-full theme-dark">
      {error ? (
        <div className="page stack">
          <Fault error={error} />
          <div className="row">
            <button className="primary" onClick={() => (fail(null), tryAgain(attempt + 1))}>
              {t("load_again")}
            </button>
            <Go className="button" to={`/reading/${view.id}`}>
              {t("leave")}
            </Go>
          </div>
        </div>
      ) : (
        <Busy />
      )}
    </div>
  );
}

const NEAR = 12; // pixels of the screen, about, within which a click means a mark that is there

function Judging({ view, number, onStore, onBack, pixels }: Given & { pixels: Pixels[] }) {
  const t = useText("reading");
  const trial = view.trials[number]!;
  const [value, change] = useState<Value>(() => trial.value ?? {});
  const [chosen, choose] = useState(-1); // among the marks
  const [row, point] = useState(0); // among the criteria
  const [missing, miss] = useState(false);
  const [busy, work] = useState(false);
  const [fault, fail] = useState<unknown>(null);
  const seconds = useStopwatch();
  const marks = value.marks ?? [];
  const put = (next: Value) => {
    miss(false);
    change(next);
  };
  const putMarks = (next: Mark[], at: number) => (put({ marks: next }), choose(at));
  const rate = (step: number) => {
    if (view.task === "rating") put({ rating: step });
    else if (view.task === "pair") put({ score: step });
    else if (view.task === "marks") chosen >= 0 && put({ marks: marks.map((mark, n) => (n === chosen ? { ...mark, rating: step } : mark)) });
    else if (view.task === "grading") grade(row, step);
  };
  const grade = (at: number, step: number) => {
    put({ grades: view.criteria.map((_, n) => (n === at ? step : (value.grades?.[n] ?? null))) });
    point(Math.min(at + 1, view.criteria.length - 1));
  };
  const click = ({ pane, x, y }: Pointed) => {
    if (view.task === "rank") {
      const order = value.order ?? [];
      if (!order.includes(pane)) put({ order: [...order, pane] });
    }
    if (view.task !== "marks") return;
    const near = (NEAR * Math.max(pixels[0]!.size(0).rows, pixels[0]!.size(0).columns)) / 900;
    const at = marks.findIndex((mark) => Math.hypot(mark.x - x, mark.y - y) < near);
    if (at >= 0) choose(at);
    else if (view.one_mark) putMarks([{ x, y, rating: null }], 0);
    else putMarks([...marks, { x, y, rating: null }], marks.length);
  };
  const remove = () => chosen >= 0 && putMarks(marks.filter((_, n) => n !== chosen), -1);
  const next = () => {
    const answer = view.task === "marks" ? { marks } : value;
    if (!isWhole(view, answer, pixels.length)) return miss(true);
    if (busy) return undefined;
    work(true);
    fail(null);
    return void onStore(answer, seconds()).catch((problem: unknown) => (fail(problem), work(false)));
  };
  const steps = shownSteps(view);
  const digits = Object.fromEntries(steps.map((step, place) => [keyOf(steps, place), () => rate(step)]));
  const model = useMemo(() => beginning(view.actual_size, pixels[0]!), [view.actual_size, pixels]);
  const [fit, actual] = [() => model.set({ zoom: 0, centre: [0.5, 0.5, 0.5] }), () => model.set({ zoom: actualZoom(pixels[0]!) })];
  useReadingKeys({ f: fit, o: actual, ...digits, Enter: next, ...(onBack ? { Backspace: onBack } : {}), ...(view.task === "marks" ? { Delete: () => void remove() } : {}) });
  const shared = useMemo(() => haveLikeWindows(pixels), [pixels]);
  const panes = useMemo(() => trial.images.map((address, n): Pane => ({ address, pixels: pixels[n], title: trial.images.length > 1 ? letterOf(n) : " ", group: shared ? "reading" : `reading ${n}`, layers: view.task === "marks" ? [pointsOf(marks, chosen, t("marks_layer"))] : undefined })), [trial, pixels, shared, marks, chosen, view.task, t]);
  return (
    <div className="reading-full theme-dark">
      <Viewer panes={panes} model={model} onClick={click} />
      <aside className="reading-side">
        <div className="row between">
          <strong>
            {number + 1} / {view.trials.length}
          </strong>
          {trial.training && <span className="tag warn">{t("training")}</span>}
          <button className="ghost icon small" onClick={() => void (document.fullscreenElement ? document.exitFullscreen() : document.documentElement.requestFullscreen())} aria-label={t("full_screen")} title={t("full_screen")}>
            <Icon name="viewer" size={16} />
          </button>
          <Go className="button ghost icon small" to={`/reading/${view.id}`} aria-label={t("leave")} title={t("leave")}>
            <Icon name="close" size={16} />
          </Go>
        </div>
        <progress max={view.trials.length} value={view.standing.done} aria-label={t("progress")} />
        <p className="reading-question">{t(view.task === "marks" && view.one_mark ? "one_mark_how" : `${view.task}_how`)}</p>
        {view.task === "marks" && <MarkList marks={marks} chosen={chosen} onChoose={choose} onRemove={() => void remove()} />}
        {view.task === "grading" && <Grades form={view} grades={value.grades ?? []} row={row} onGrade={grade} onPoint={point} />}
        {view.task === "rank" && <Ranks order={value.order ?? []} onAgain={() => put({})} />}
        {view.task !== "grading" && view.task !== "rank" && <Steps form={view} value={view.task === "marks" ? (marks[chosen]?.rating ?? null) : (value.rating ?? value.score ?? null)} disabled={view.task === "marks" && chosen < 0} onStep={rate} />}
        {missing && <p className="note warn">{t("answer_first")}</p>}
        <Fault error={fault} onClose={() => fail(null)} />
        <div className="row">
          <button onClick={() => onBack?.()} disabled={!onBack} aria-label={t("back")}>
            <Icon name="left" size={16} />
          </button>
          <button className="primary grow" onClick={next} disabled={busy}>
            {t("next")} <kbd>Enter</kbd>
          </button>
        </div>
        <span className="grow" />
        <p className="soft tiny">{t("keys")}</p>
      </aside>
    </div>
  );
}

/** The view to begin with: fitted to the window, or one pixel of the image on one of the screen. */
function beginning(actualSize: boolean, pixels: Pixels): ViewModel {
  const model = new ViewModel();
  if (actualSize) model.set({ zoom: actualZoom(pixels) });
  return model;
}

const actualZoom = (pixels: Pixels) => 1 / (pixels.pitch(0).x * devicePixelRatio);

/** Images of about the same values are windowed together, others each on its own. */
function haveLikeWindows(pixels: Pixels[]): boolean {
  const [first, ...others] = pixels.map((one) => one.header.windows[0]);
  return !first || others.every((one) => one && Math.max(one.width / first.width, first.width / one.width) < 1.5 && Math.abs(one.centre - first.centre) < first.width / 2);
}

function pointsOf(marks: Mark[], chosen: number, name: string) {
  return { kind: "points" as const, name, points: marks.map((mark, n) => ({ x: mark.x, y: mark.y, label: String(n + 1), colour: n === chosen ? "#f2c14e" : "#5cc8c0" })) };
}
