"""Which key of a table means which key of the images: equal ones first, then after one repair more at a time."""

from __future__ import annotations

from collections import defaultdict

from gazo.datasets.repairs import REPAIRS, mended

Key = tuple[str, ...]
_TYPING = 4  # the first repairs undo how a key was typed; hyphens and zeros may be part of it


def fitting(row_keys: list[Key], image_keys: list[Key]) -> tuple[dict[Key, Key], dict[Key, set[Key]]]:
    """For each key of the table that fits an image the key of that image; and those that fit several, with these."""
    wanted = {key for key in row_keys if all(key)}
    offered = {key for key in image_keys if all(key)}
    found = {key: key for key in wanted & offered}
    torn: dict[Key, set[Key]] = {}
    for steps in range(1, len(REPAIRS) + 1):
        theirs, ours = _alike(offered, steps), _alike(wanted, steps)
        for key in sorted(wanted - set(found) - set(torn)):
            short = tuple(mended(part, steps) for part in key)
            pictures, rivals = theirs.get(short, set()), ours[short] - {key}
            if len(pictures) > 1:
                torn[key] = pictures
            elif pictures and not any(_apart(key, rival, steps) for rival in rivals):
                found[key] = next(iter(pictures))
    return found, torn


def doubtful(
    torn: dict[Key, set[Key]], row_keys: list[Key], free: dict[Key, list[int]]
) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """Rows that fit several images, with these images where no other row has them; groups that share an image are one."""
    groups: list[tuple[set[Key], set[Key]]] = []
    for key, others in torn.items():
        met = [group for group in groups if group[1] & others]
        groups = [group for group in groups if group not in met]
        groups.append(({key}.union(*(ours for ours, _ in met)), others.union(*(theirs for _, theirs in met))))
    return [
        (
            tuple(row for row, key in enumerate(row_keys) if key in ours),
            tuple(sorted(picture for key in theirs for picture in free.get(key, []))),
        )
        for ours, theirs in groups
    ]


def _apart(key: Key, rival: Key, steps: int) -> bool:
    """Whether two table keys are told apart by more than how they are typed: only the removal of zeros or hyphens joins them."""
    typing = min(steps, _TYPING)
    return [mended(part, typing) for part in key] != [mended(part, typing) for part in rival]


def _alike(keys: set[Key], steps: int) -> dict[Key, set[Key]]:
    groups: dict[Key, set[Key]] = defaultdict(set)
    for key in keys:
        groups[tuple(mended(part, steps) for part in key)].add(key)
    return groups
