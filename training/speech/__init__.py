"""From Turkish text to the embedded recogniser: synthetic speech, a CTC model, a language model for its beam. See ../README.md, "Speech"."""
