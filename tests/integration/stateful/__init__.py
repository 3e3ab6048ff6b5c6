"""The real shop and an independent model of it side by side, driven by rules that are drawn by chance."""

import pytest

# They hold the one to the other, and are no test modules: without this, a failed comparison would not show its values.
pytest.register_assert_rewrite(f"{__name__}.comparison", f"{__name__}.outcomes")
