"""The examples of README.md run as they are."""

import pathlib
import re
import textwrap

import pytest

pytest_plugins = ["pytester"]
README = pathlib.Path(__file__).parents[1] / "README.md"
EXAMPLES = re.findall(r"```python\n(.*?)```", README.read_text(), re.DOTALL)


@pytest.mark.parametrize("example", EXAMPLES)
def test_an_example_runs(example: str, pytester: pytest.Pytester) -> None:
    tests = example.count("def test_")
    text = example if tests else "def test_it():\n" + textwrap.indent(example, "    ")
    file = pytester.path / "test_example.py"
    file.write_text(text)
    result = pytester.runpytest_subprocess(file)
    result.assert_outcomes(passed=max(tests, 1))


def test_the_readme_has_three_examples() -> None:
    assert len(EXAMPLES) == 3
