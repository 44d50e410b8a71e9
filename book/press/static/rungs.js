// Halving on workers, in simulated time: who trains what, when, and on which rung (strategies/halving.py, loop/simulation.py).
//
// A training of the lowest rung takes an hour, one of the next three, and so on. New configurations come in the order of a draw.

import { seeded } from "./lab.js";
import { CURVES } from "./tables.js";

export const ETA = 3, FIRST = 27, HOURS = [1, 3, 9, 27];

// The losses of a table in a random order: one row for a configuration, one column for a rung.
export function drawn(table, draw) {
  const { losses } = CURVES[table], rng = seeded(draw), rows = [...losses];
  for (let i = rows.length - 1; i > 0; i--) {
    const j = rng.integer(i + 1);
    [rows[i], rows[j]] = [rows[j], rows[i]];
  }
  return rows;
}

// All trainings in the order in which they begin, as { config, rung, worker, began, ended, loss }. Halving waits for each rung and
// ends; ASHA goes on, and begins nothing from the hour `until` on.
export function simulate(rows, way, workers, until = Infinity) {
  const rungs = HOURS.map(() => ({ done: [], running: 0, promoted: new Set() }));  // done: the best first
  const free = [...Array(workers).keys()], trials = [];
  let now = 0, running = [], next = 0;

  const fromRung = (rung, most) => {  // one of the best `most` of a rung, if it is not promoted yet
    const best = rungs[rung].done.slice(0, most).find(({ config }) => !rungs[rung].promoted.has(config));
    return best && { config: best.config, rung: rung + 1 };
  };
  const draw = () => (next < rows.length ? { config: next++, rung: 0 } : undefined);

  function waits() {
    if (next < FIRST) return draw();
    for (let rung = 0; rung < rungs.length - 1 && !rungs[rung].running; rung++) {
      const found = fromRung(rung, FIRST / ETA ** (rung + 1));
      if (found) return found;
    }
  }

  function asha() {
    for (let rung = rungs.length - 2; rung >= 0; rung--) {
      const found = fromRung(rung, Math.floor(rungs[rung].done.length / ETA));
      if (found) return found;
    }
    return draw();
  }

  function tell(trial) {
    const { done } = rungs[trial.rung], place = done.findIndex(other => other.loss > trial.loss || (other.loss === trial.loss && other.number > trial.number));
    done.splice(place < 0 ? done.length : place, 0, trial);
    rungs[trial.rung].running--;
    free.push(trial.worker);
    free.sort((a, b) => a - b);
  }

  for (;;) {
    running.filter(trial => trial.ended <= now).sort((a, b) => a.ended - b.ended || a.number - b.number).forEach(tell);
    running = running.filter(trial => trial.ended > now);
    const asked = free.length && now < until ? (way === "asha" ? asha : waits)() : undefined;
    if (asked) {
      const trial = { ...asked, number: trials.length, worker: free.shift(), began: now, ended: now + HOURS[asked.rung], loss: rows[asked.config][asked.rung] };
      if (trial.rung) rungs[trial.rung - 1].promoted.add(trial.config);
      rungs[trial.rung].running++;
      trials.push(trial);
      running.push(trial);
    } else if (running.length) now = Math.min(...running.map(trial => trial.ended));
    else return trials;
  }
}

// The model in hand at an hour: the best of those trained longest; undefined before the first has ended.
export function inHand(trials, hour) {
  const ended = trials.filter(trial => trial.ended <= hour);
  return ended.sort((a, b) => b.rung - a.rung || a.loss - b.loss || a.number - b.number)[0];
}
