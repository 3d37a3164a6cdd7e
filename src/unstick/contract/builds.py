"""Distributions that cannot be expected to build from source in a Space's build.

They need compilers of other languages (Fortran, Rust, CUDA), large libraries, or code generators that older releases of
theirs do not work with on newer Pythons; some publish no source at all. Where such a release has no wheel for the Space's
Python, the installation ends. Everything else without a wheel may well build, and is 'not observed'.
"""

from __future__ import annotations

HEAVY = frozenset(
    """
    numpy scipy pandas scikit-learn scikit-image matplotlib pillow torch torchvision torchaudio tensorflow tensorflow-cpu
    tensorflow-intel tensorflow-io-gcs-filesystem jax jaxlib h5py pyarrow numba llvmlite opencv-python opencv-python-headless
    opencv-contrib-python opencv-contrib-python-headless xgboost lightgbm catboost shap spacy thinc blis cymem preshed murmurhash
    tokenizers safetensors tiktoken pydantic-core orjson cryptography grpcio grpcio-tools faiss-cpu onnx onnxruntime onnxruntime-gpu
    ctranslate2 sentencepiece lxml shapely pyproj fiona rasterio gdal geopandas statsmodels numexpr tables netcdf4 gensim
    polars duckdb hdbscan umap-learn mediapipe dlib open3d vtk av aiohttp yarl frozenlist multidict greenlet cffi pyzmq
    psycopg2-binary psycopg-binary asyncpg uvloop httptools watchfiles rpds-py jiter ujson pyyaml regex wrapt bcrypt pynacl
    pymupdf pikepdf pypdfium2 soxr soundfile samplerate dgl torch-scatter torch-sparse torch-cluster torch-geometric xformers
    bitsandbytes flash-attn vllm triton decord paddlepaddle mxnet prophet pystan cvxpy ecos scs osqp ortools rdkit rdkit-pypi
    openbabel pyscf fasttext sacrebleu ray kiwisolver contourpy fastparquet python-snappy lief hnswlib chroma-hnswlib
    annoy llama-cpp-python tflite-runtime tensorstore ml-dtypes optree imagecodecs pyqt5 pyqt6 pyside6 gradio streamlit
    """.split()
)
