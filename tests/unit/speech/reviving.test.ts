import { expect, it } from "vitest";
import { type Living, Reviving } from "../../../services/speech/reviving.ts";

interface Life extends Living {
  readonly number: number;
  die(): void;
}

function revived(open?: (number: number) => Promise<void>) {
  const clock = { nowMs: 0 };
  const lives: Life[] = [];
  const life = new Reviving<Life>({
    async open() {
      let alive = true;
      const number = lives.length + 1;
      const born: Life = {
        number,
        get alive() {
          return alive;
        },
        die: () => {
          alive = false;
        },
        end: async () => {
          alive = false;
        },
      };
      lives.push(born);
      await open?.(number);
      return born;
    },
    refusal: () => new Error("refused"),
    nowMs: () => clock.nowMs,
  });
  return { life, lives, clock };
}

it("starts once for everybody who asks at the same time, and not before", async () => {
  const { life, lives } = revived();
  expect(lives).toHaveLength(0);
  const [a, b] = await Promise.all([life.get(), life.get()]);
  expect(a).toBe(b);
  expect(lives).toHaveLength(1);
});

it("makes a first death good at once", async () => {
  const { life, lives } = revived();
  await life.get();
  lives[0]?.die();
  expect(life.living).toBeUndefined();
  expect((await life.get()).number).toBe(2);
});

it("starts what keeps dying in growing distances, and refuses in between", async () => {
  const { life, lives, clock } = revived();
  const startedAtMs: number[] = [];
  for (; clock.nowMs < 60_000; clock.nowMs += 100) {
    const before = lives.length;
    await life.get().then(
      (one) => one.die(),
      (failure: Error) => expect(failure.message).toBe("refused"),
    );
    if (lives.length > before) startedAtMs.push(clock.nowMs);
  }
  const distances = startedAtMs.map((at, index) => at - (startedAtMs[index - 1] ?? 0)).slice(1);
  expect(distances).toEqual([100, 200, 400, 800, 1600, 3200, 6400, 10_000, 10_000, 10_000, 10_000]);
});

it("takes a death after a long life for the first one", async () => {
  const { life, lives, clock } = revived();
  for (let death = 0; death < 4; death++) {
    clock.nowMs += 5000;
    await life.get();
    lives.at(-1)?.die();
  }
  clock.nowMs += 100;
  await expect(life.get()).rejects.toThrow("refused");
  clock.nowMs += 5000;
  await life.get();
  clock.nowMs += 61_000;
  lives.at(-1)?.die();
  expect((await life.get()).alive).toBe(true);
});

it("says again what a start failed of, without starting, until its pause is over", async () => {
  const { life, lives, clock } = revived(async () => {
    throw new Error("no such file");
  });
  await expect(life.get()).rejects.toThrow("no such file");
  await expect(life.get()).rejects.toThrow("no such file");
  await expect(life.get()).rejects.toThrow("no such file");
  expect(lives).toHaveLength(2);
  clock.nowMs = 10_000;
  await expect(life.get()).rejects.toThrow("no such file");
  expect(lives).toHaveLength(3);
});

it("ends what lives, and what is being born, when it is closed", async () => {
  const { life, lives } = revived();
  await life.get();
  await life.close();
  expect(lives[0]?.alive).toBe(false);
  await expect(life.get()).rejects.toThrow("refused");

  const early = revived();
  const born = early.life.get();
  await early.life.close();
  await expect(born).rejects.toThrow("refused");
  expect(early.lives[0]?.alive).toBe(false);
});
