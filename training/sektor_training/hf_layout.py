"""Writes the base model as a Hugging Face Llama folder, which PEFT and llama.cpp's converter read."""

import json
import shutil
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor

from .chat_format import CONTROL_TOKENS, JINJA_TEMPLATE, MESSAGE_END
from .model import ModelShape, SmallLlama


def hf_weights(model: SmallLlama) -> dict[str, Tensor]:
    width, forward = model.shape.width, model.shape.feed_forward
    weights = {"model.embed_tokens.weight": model.embedding.weight, "model.norm.weight": model.norm.weight}
    for index, block in enumerate(model.blocks):
        query, key, value = block.query_key_value.weight.split(width)
        gate, up = block.gate_up.weight.split(forward)
        parts = {
            "input_layernorm": block.attention_norm.weight, "post_attention_layernorm": block.mlp_norm.weight,
            "self_attn.q_proj": query, "self_attn.k_proj": key, "self_attn.v_proj": value, "self_attn.o_proj": block.attention_out.weight,
            "mlp.gate_proj": gate, "mlp.up_proj": up, "mlp.down_proj": block.down.weight,
        }
        weights |= {f"model.layers.{index}.{name}.weight": weight for name, weight in parts.items()}
    return {name: weight.detach().clone().contiguous() for name, weight in weights.items()}


def _model_config(shape: ModelShape, end_id: int) -> dict[str, object]:
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "float32",
        "vocab_size": shape.vocabulary, "hidden_size": shape.width, "intermediate_size": shape.feed_forward,
        "num_hidden_layers": shape.layers, "num_attention_heads": shape.heads, "num_key_value_heads": shape.heads,
        "head_dim": shape.head_width, "max_position_embeddings": shape.context, "rope_theta": shape.rope_theta,
        "rms_norm_eps": shape.norm_eps, "hidden_act": "silu", "tie_word_embeddings": True, "attention_bias": False, "mlp_bias": False,
        "bos_token_id": 1, "eos_token_id": end_id,
    }


def _tokenizer_config(ids: dict[str, int], context: int) -> dict[str, object]:
    special = {"<unk>": 0, "<s>": 1, "</s>": 2} | ids
    return {
        "tokenizer_class": "LlamaTokenizer", "model_max_length": context, "add_bos_token": False, "add_eos_token": False,
        "add_prefix_space": False, "legacy": False, "clean_up_tokenization_spaces": False,
        "unk_token": "<unk>", "bos_token": "<s>", "eos_token": MESSAGE_END, "pad_token": "</s>",
        "added_tokens_decoder": {
            str(id): {"content": token, "special": True, "lstrip": False, "rstrip": False, "normalized": False, "single_word": False}
            for token, id in special.items()
        },
        "chat_template": JINJA_TEMPLATE,
    }


def write_hf_folder(model: SmallLlama, tokenizer_file: Path, folder: Path) -> None:
    import sentencepiece

    folder.mkdir(parents=True, exist_ok=True)
    tokenizer = sentencepiece.SentencePieceProcessor(model_file=str(tokenizer_file))
    ids = {token: tokenizer.piece_to_id(token) for token in CONTROL_TOKENS}
    save_file(hf_weights(model), folder / "model.safetensors", metadata={"format": "pt"})
    shutil.copyfile(tokenizer_file, folder / "tokenizer.model")
    for name, content in (
        ("config.json", _model_config(model.shape, ids[MESSAGE_END])),
        ("tokenizer_config.json", _tokenizer_config(ids, model.shape.context)),
        ("generation_config.json", {"bos_token_id": 1, "eos_token_id": [ids[MESSAGE_END], 2]}),
    ):
        (folder / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def load_checkpoint(path: Path) -> SmallLlama:
    saved = torch.load(path, weights_only=True)
    model = SmallLlama(ModelShape(**saved["shape"]))
    model.load_state_dict(saved["model"])
    return model
