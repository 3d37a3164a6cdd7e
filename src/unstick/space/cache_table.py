"""Where libraries and programs keep what they fetch: which variable decides, which folder it is without one.

Facts from the projects' own documentation. Left out on purpose: libraries that fall back to another folder by
themselves (matplotlib, Keras, ultralytics' settings, yt-dlp).
"""

from __future__ import annotations

from unstick.record import NamedTuple


class Cache(NamedTuple):
    """One cache.

    `calls` are functions or classes that fill it, `owners` the packages they come from (empty: any),
    `imports` packages that need it as soon as they are imported, `programs` those of the start command.
    `variables` are (name, folder below its value) pairs, the first one set decides; `default` is the folder
    below HOME. `overrides` are arguments that name another folder. `words` find the same thing in a build
    step.
    """

    name: str
    what: str
    calls: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    imports: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    variables: tuple[tuple[str, str], ...] = ()
    default: str = ".cache"
    overrides: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    needed: bool = False


_HUB = (
    "from_pretrained",
    "pipeline",
    "SentenceTransformer",
    "CrossEncoder",
    "SparseEncoder",
    "hf_hub_download",
    "snapshot_download",
    "cached_download",
    "load_dataset",
    "WhisperModel",
    "BatchedInferencePipeline",
    "HuggingFaceEmbeddings",
    "HuggingFaceBgeEmbeddings",
    "HuggingFaceInstructEmbeddings",
    "SentenceTransformerEmbeddings",
    "SentenceTransformerEmbeddingFunction",
    "KeyBERT",
    "BERTopic",
    "HuggingFaceEmbedding",
    "FlagReranker",
    "FlagModel",
    "BGEM3FlagModel",
    "from_model_id",
    "HuggingFaceCrossEncoder",
    "GLiNER",
    "try_to_load_from_cache",
    "open_clip",
    "create_model_and_transforms",
    "Kokoro",
    "KPipeline",
    "AutoModel",
)
_HUB_OWNERS = (
    "transformers",
    "diffusers",
    "sentence_transformers",
    "huggingface_hub",
    "datasets",
    "faster_whisper",
    "langchain_huggingface",
    "langchain_community",
    "langchain",
    "keybert",
    "bertopic",
    "llama_index",
    "FlagEmbedding",
    "chromadb",
    "peft",
    "optimum",
    "gliner",
    "open_clip",
    "kokoro",
    "setfit",
    "adapters",
    "parler_tts",
    "timm",
    "spacy_llm",
    "unsloth",
    "ctransformers",
    "auto_gptq",
    "colpali_engine",
)

CACHES: tuple[Cache, ...] = (
    Cache(
        "huggingface",
        "models of the Hub",
        _HUB,
        _HUB_OWNERS,
        variables=(
            ("HF_HUB_CACHE", ""),
            ("HUGGINGFACE_HUB_CACHE", ""),
            ("HF_HOME", "hub"),
            ("SENTENCE_TRANSFORMERS_HOME", ""),
            ("TRANSFORMERS_CACHE", ""),
            ("XDG_CACHE_HOME", "huggingface"),
        ),
        default=".cache/huggingface",
        overrides=("cache_dir", "cache_folder", "download_root", "local_dir"),
        words=(
            "from_pretrained",
            "SentenceTransformer(",
            "CrossEncoder(",
            "hf_hub_download",
            "snapshot_download",
            "WhisperModel(",
            "huggingface-cli download",
            "hf download",
            "load_dataset(",
            "HuggingFaceEmbeddings(",
        ),
    ),
    Cache(
        "whisper",
        "Whisper's models",
        ("load_model",),
        ("whisper",),
        variables=(("XDG_CACHE_HOME", "whisper"),),
        default=".cache/whisper",
        overrides=("download_root",),
        words=("whisper.load_model",),
    ),
    Cache(
        "torch",
        "weights of torch hub",
        ("load", "load_state_dict_from_url"),
        ("torch",),
        variables=(("TORCH_HOME", "hub"), ("XDG_CACHE_HOME", "torch")),
        default=".cache/torch",
        overrides=("model_dir",),
        words=("torch.hub.load",),
    ),
    Cache(
        "easyocr",
        "EasyOCR's models",
        ("Reader",),
        ("easyocr",),
        variables=(("EASYOCR_MODULE_PATH", ""), ("MODULE_PATH", "")),
        default=".EasyOCR",
        overrides=("model_storage_directory",),
        words=("easyocr.Reader",),
    ),
    Cache(
        "paddleocr",
        "PaddleOCR's models",
        ("PaddleOCR", "PPStructure"),
        ("paddleocr",),
        default=".paddleocr",
        words=("PaddleOCR(",),
    ),
    Cache(
        "deepface",
        "DeepFace's weights",
        imports=("deepface",),
        variables=(("DEEPFACE_HOME", ".deepface"),),
        default=".deepface",
        words=("DeepFace.",),
    ),
    Cache(
        "insightface",
        "InsightFace's models",
        ("FaceAnalysis", "get_model"),
        ("insightface",),
        default=".insightface",
        overrides=("root",),
    ),
    Cache(
        "rembg",
        "rembg's model",
        ("new_session", "remove"),
        ("rembg",),
        variables=(("U2NET_HOME", ""), ("XDG_DATA_HOME", ".u2net")),
        default=".u2net",
    ),
    Cache(
        "clip", "CLIP's weights", ("load",), ("clip",), default=".cache/clip", overrides=("download_root",)
    ),
    Cache(
        "coqui",
        "Coqui's voices",
        ("TTS",),
        ("TTS",),
        variables=(("TTS_HOME", "tts"), ("XDG_DATA_HOME", "tts")),
        default=".local/share/tts",
    ),
    Cache(
        "stanza",
        "Stanza's models",
        ("Pipeline", "download"),
        ("stanza",),
        variables=(("STANZA_RESOURCES_DIR", ""),),
        default="stanza_resources",
        overrides=("dir", "model_dir"),
        words=("stanza.download",),
    ),
    Cache(
        "flair",
        "Flair's models",
        ("load",),
        ("flair",),
        variables=(("FLAIR_CACHE_ROOT", ""),),
        default=".flair",
    ),
    Cache(
        "gensim",
        "gensim's data",
        ("load",),
        ("gensim",),
        variables=(("GENSIM_DATA_DIR", ""),),
        default="gensim-data",
    ),
    Cache(
        "kagglehub",
        "Kaggle's files",
        ("dataset_download", "model_download"),
        ("kagglehub",),
        variables=(("KAGGLEHUB_CACHE", ""),),
        default=".cache/kagglehub",
    ),
    Cache(
        "argos",
        "Argos' packages",
        ("install_from_path", "update_package_index"),
        ("argostranslate",),
        variables=(("XDG_DATA_HOME", "argos-translate"),),
        default=".local/share/argos-translate",
    ),
    Cache(
        "ctranslate",
        "Ollama's models",
        programs=("ollama",),
        variables=(("OLLAMA_MODELS", ""),),
        default=".ollama",
    ),
    Cache("streamlit", "Streamlit's machine id", programs=("streamlit",), default=".streamlit"),
    Cache(
        "uv",
        "uv's cache",
        programs=("uv",),
        variables=(("UV_CACHE_DIR", ""), ("XDG_CACHE_HOME", "uv")),
        default=".cache/uv",
    ),
    Cache(
        "jupyter",
        "Jupyter's run-time files",
        programs=("jupyter", "jupyter-lab", "jupyter-notebook", "voila"),
        variables=(("JUPYTER_RUNTIME_DIR", ""), ("JUPYTER_DATA_DIR", ""), ("XDG_DATA_HOME", "jupyter")),
        default=".local/share/jupyter",
    ),
    Cache(
        "playwright",
        "Playwright's browsers",
        imports=("playwright",),
        variables=(("PLAYWRIGHT_BROWSERS_PATH", ""),),
        default=".cache/ms-playwright",
        words=("playwright install",),
        needed=True,
    ),
    Cache(
        "puppeteer",
        "Puppeteer's browser",
        variables=(("PUPPETEER_CACHE_DIR", ""),),
        default=".cache/puppeteer",
        words=("puppeteer browsers install",),
        needed=True,
    ),
    Cache(
        "nltk-download",
        "NLTK's data",
        ("download",),
        ("nltk",),
        variables=(("NLTK_DATA", ""),),
        default="nltk_data",
        overrides=("download_dir",),
    ),
    Cache(
        "nltk",
        "NLTK's data",
        imports=("nltk",),
        variables=(("NLTK_DATA", ""),),
        default="nltk_data",
        words=("nltk.download(", "nltk.downloader"),
        needed=True,
    ),
)
"""`needed`: the program only reads what the build fetched; without it nothing is fetched at run time."""
