"""Text helpers of the support ticket notebook."""

import re

STOP_WORDS = {"a", "and", "i", "in", "is", "my", "of", "the"}


def tokens(text):
    """Return the words that matter."""
    return [word for word in re.findall(r"[a-z]+", text.lower()) if word not in STOP_WORDS]


def overlap(words, counts):
    """Return how often the words were seen."""
    return sum(counts[word] for word in words)
