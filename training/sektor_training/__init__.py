"""From Turkish text to a small base model, 22 LoRA adapters, their GGUF files and the evaluation table."""
