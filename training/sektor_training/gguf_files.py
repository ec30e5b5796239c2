"""GGUF files through llama.cpp's own converters, then our metadata written into them."""

import contextlib
import io
import logging
import runpy
import sys
from pathlib import Path

import gguf
from gguf.scripts.gguf_new_metadata import MetadataDetails, copy_with_new_metadata


def _convert(script: Path, *arguments: str) -> None:
    """Runs a converter inside this process: its imports cost more than the work on a model this small."""
    before = sys.argv, list(sys.path)
    logging.disable(logging.WARNING)
    try:
        sys.argv = [str(script), *arguments]
        sys.path.insert(0, str(script.parent))
        with contextlib.redirect_stderr(io.StringIO()):
            runpy.run_path(str(script), run_name="__main__")
    finally:
        sys.argv, sys.path[:] = before
        logging.disable(logging.NOTSET)


def _rewrite(source: Path, target: Path, metadata: dict[str, str], dropped: tuple[str, ...]) -> None:
    """A copy of `source` with string keys added or replaced and the machine's traces removed."""
    logging.getLogger("gguf").setLevel(logging.ERROR)
    reader = gguf.GGUFReader(source)
    architecture = reader.get_field("general.architecture").contents()
    target.parent.mkdir(parents=True, exist_ok=True)
    writer = gguf.GGUFWriter(target, arch=architecture, endianess=reader.endianess)
    new = {key: MetadataDetails(gguf.GGUFValueType.STRING, value) for key, value in metadata.items()}
    with contextlib.redirect_stderr(io.StringIO()):
        copy_with_new_metadata(reader, writer, new, dropped)
    source.unlink()


def write_base(llama_cpp: Path, hf_folder: Path, target: Path, metadata: dict[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    raw = target.with_suffix(".raw")
    _convert(llama_cpp / "convert_hf_to_gguf.py", str(hf_folder), "--outtype", "q8_0", "--outfile", str(raw), "--model-name", metadata["general.name"])
    _rewrite(raw, target, metadata, ())


def write_adapter(llama_cpp: Path, hf_folder: Path, adapter: Path, target: Path, metadata: dict[str, str]) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    raw = target.with_suffix(".raw")
    _convert(llama_cpp / "convert_lora_to_gguf.py", str(adapter), "--base", str(hf_folder), "--outtype", "f16", "--outfile", str(raw))
    _rewrite(raw, target, metadata, ("general.base_model.0.repo_url", "general.base_model.0.name", "general.base_model.count", "general.base_model.0.organization", "general.tags"))
