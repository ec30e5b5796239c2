"""The 23 × 22 table of held-out perplexities as numbers that matter and as a page to read."""

RUNNING_TEXT = "running text"
PROMISED_REDUCTION_PERCENT, PROMISED_BEST = 25.0, 21
Rows = dict[str, dict[str, float]]


def _change_percent(before: float, after: float) -> float:
    return 100.0 * (after / before - 1.0)


def summary_of(rows: Rows, sectors: list[str]) -> dict:
    base = rows["base"]
    own = {
        sector: {
            "basePerplexity": round(base[sector], 3), "ownPerplexity": round(rows[sector][sector], 3),
            "reductionPercent": round(-_change_percent(base[sector], rows[sector][sector]), 2),
        }
        for sector in sectors
    }
    best = {sector: min(sectors, key=lambda other: rows[other][sector]) for sector in sectors}
    off = [_change_percent(base[target], rows[adapter][target]) for adapter in sectors for target in sectors if adapter != target]
    text = [_change_percent(base[RUNNING_TEXT], rows[adapter][RUNNING_TEXT]) for adapter in sectors]
    reductions = [entry["reductionPercent"] for entry in own.values()]
    return {
        "smallestReductionPercent": min(reductions), "meanReductionPercent": round(sum(reductions) / len(reductions), 2),
        "sectorsReducedAsPromised": sum(r >= PROMISED_REDUCTION_PERCENT for r in reductions),
        "bestOnOwnSector": sum(best[sector] == sector for sector in sectors),
        "beatenOnOwnSector": {sector: winner for sector, winner in best.items() if winner != sector},
        "offSectorChangePercent": {"mean": round(sum(off) / len(off), 2), "worst": round(max(off), 2), "best": round(min(off), 2)},
        "runningTextChangePercent": {"base": round(base[RUNNING_TEXT], 2), "mean": round(sum(text) / len(text), 2), "worst": round(max(text), 2)},
        "ownSector": own,
    }


def _summary_table(summary: dict, counts: dict[str, int]) -> list[str]:
    lines = ["| sector | held-out dialogues | base | own adapter | reduction |", "|---|--:|--:|--:|--:|"]
    for sector, entry in summary["ownSector"].items():
        lines.append(f"| {sector} | {counts[sector]} | {entry['basePerplexity']:.1f} | {entry['ownPerplexity']:.1f} | {entry['reductionPercent']:.1f} % |")
    return lines


def _matrix(rows: Rows, sectors: list[str]) -> list[str]:
    columns = [*sectors, RUNNING_TEXT]
    lines = ["| model | " + " | ".join(str(n) for n in range(1, len(sectors) + 1)) + " | text |", "|---|" + "--:|" * len(columns)]
    for number, name in enumerate(["base", *sectors]):
        cells = [f"**{rows[name][c]:.1f}**" if name == c else f"{rows[name][c]:.1f}" for c in columns]
        lines.append(f"| {f'{number} ' if number else ''}{name} | " + " | ".join(cells) + " |")
    return lines


def markdown_report(rows: Rows, sectors: list[str], summary: dict, counts: dict[str, int]) -> str:
    off, text = summary["offSectorChangePercent"], summary["runningTextChangePercent"]
    beaten = ", ".join(f"{sector} (by {winner})" for sector, winner in summary["beatenOnOwnSector"].items()) or "none"
    return "\n".join([
        "# Held-out perplexity: the base and 22 adapters on 22 sectors", "",
        "Written by `python -m sektor_training.evaluate` (see `training/README.md`); the numbers are also in `perplexity-matrix.json`.", "",
        "- Input: every sixth line of `datasets/dialogues/<sector>.jsonl` that answers without documents, never trained on and not used to choose",
        "  settings, with the evaluated sector's system prompt. Only the assistants' tokens count (end-of-message included). All models see the same inputs.",
        "- Weights: as served, that is the base rounded through Q8_0 and the adapters through half precision, computed in float32 with PyTorch.", "",
        "## What it says", "",
        f"- Every adapter on its own sector: perplexity {summary['meanReductionPercent']:.1f} % lower on average, {summary['smallestReductionPercent']:.1f} % at the least; "
        f"{summary['sectorsReducedAsPromised']} of {len(sectors)} reach the promised {PROMISED_REDUCTION_PERCENT:.0f} %.",
        f"- Best of all 22 adapters on their own sector: {summary['bestOnOwnSector']} of {len(sectors)} (promised: {PROMISED_BEST}). Beaten: {beaten}.",
        f"- On other sectors' dialogues: {off['mean']:+.1f} % on average, {off['worst']:+.1f} % at the worst, {off['best']:+.1f} % at the best.",
        f"- On running text (validation slice of the corpus, base {text['base']:.1f}): {text['mean']:+.1f} % on average, {text['worst']:+.1f} % at the worst.", "",
        "## Own sector", "", *_summary_table(summary, counts), "",
        "## The table", "",
        "Rows are models, columns the evaluated sectors in the same order; bold is an adapter on its own sector.", "", *_matrix(rows, sectors), "",
    ])
