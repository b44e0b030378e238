import subprocess
import sys

import numpy as np

from gazo.core.language import Text
from gazo.core.progress import counted, quiet
from gazo.core.seeds import derived_seed, generator


def test_seeds_are_the_same_on_every_machine_and_in_every_version():
    """The first eight bytes of SHA-256 of "0/fold/3", without the sign; a change here changes every run anybody has made."""
    assert derived_seed(0, "fold", 3) == 813461297819921763  # printf 0/fold/3 | sha256sum
    other = subprocess.run(
        [sys.executable, "-c", "from gazo.core.seeds import derived_seed as d; print(d(0, 'fold', 3))"],
        capture_output=True,
        text=True,
    )
    assert int(other.stdout) == derived_seed(0, "fold", 3)


def test_every_purpose_has_its_own_numbers():
    seeds = {derived_seed(seed, name, n) for seed in range(5) for name in ("fold", "network") for n in range(20)}
    assert len(seeds) == 200
    assert all(0 <= seed < 2**63 for seed in seeds)


def test_generators_repeat():
    assert np.array_equal(generator(7, "a").random(5), generator(7, "a").random(5))
    assert not np.array_equal(generator(7, "a").random(5), generator(7, "b").random(5))


def test_counting_passes_items_on_and_tells_at_most_a_hundred_times():
    told = []
    assert list(counted(range(10_050), Text("読込", "Reading"), told.append)) == list(range(10_050))
    assert len(told) <= 101
    assert (told[-1].done, told[-1].total) == (10_050, 10_050)
    assert [e.done for e in told] == sorted({e.done for e in told})


def test_short_lists_tell_of_each_item():
    told = []
    list(counted("abc", Text("読込", "Reading"), told.append))
    assert [e.done for e in told] == [1, 2, 3]
    assert quiet(told[0]) is None
