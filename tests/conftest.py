"""Settings for every test: properties are tried on the same examples each time, so that a red run means a change.

`HYPOTHESIS_PROFILE=wander` tries fresh examples, and ten times as many.
"""

from __future__ import annotations

import os

from hypothesis import settings

settings.register_profile("steady", derandomize=True, deadline=None)
settings.register_profile("wander", derandomize=False, deadline=None, max_examples=1000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "steady"))
