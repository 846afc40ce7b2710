"""The example that the main job begins with, and the folder of all examples."""

import shutil
from pathlib import Path

EXAMPLES = Path(__file__).resolve().parents[2] / "examples"
NOTEBOOK = EXAMPLES / "randomizer.ipynb"

#: The service cell.
RANDOMIZER = """\
from random import randint
from random import seed

seed()

def generate_value(input_data):
    return dict(generated_value=randint(
        input_data["left_bound"],
        input_data["right_bound"]
    ))

output_data = generate_value(input_data)
print(output_data)
"""
BOUNDS = {"left_bound": 1, "right_bound": 10}
INPUT = {"input_data": BOUNDS}
SCHEMA = {
    "type": "object",
    "properties": {"left_bound": {"type": "integer"}, "right_bound": {"type": "integer"}},
    "required": ["left_bound", "right_bound"],
    "additionalProperties": False,
}


def copy_examples(directory: Path) -> None:
    """Put the files of the examples into a directory."""
    for file in EXAMPLES.iterdir():
        if file.is_file():
            shutil.copy(file, directory)
