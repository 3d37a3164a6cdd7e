"""What messages of programs say about packages: libraries by package, and pins that mend a known break.

Sources: Debian's file lists (bookworm); the release notes and issue trackers of the projects named.
"""

from __future__ import annotations

from unstick.record import NamedTuple


class Pin(NamedTuple):
    """Where a log matches `says`, the line `requirement` mends it."""

    says: str
    requirement: str
    cause: str = "dependency-conflict"


PINS: tuple[Pin, ...] = (
    Pin(r"cannot import name 'HfFolder' from 'huggingface_hub'", "huggingface_hub<1"),
    Pin(r"cannot import name 'cached_download' from 'huggingface_hub'", "huggingface_hub<0.26"),
    Pin(r"unexpected keyword argument 'proxies'", "httpx<0.28"),
    Pin(
        r"compiled using NumPy 1\.x cannot be run in|numpy\.dtype size changed|`np\.float_` was removed",
        "numpy<2",
    ),
    Pin(r"module 'numpy' has no attribute '(?:float|int|bool|object)'", "numpy<1.24"),
    Pin(r"cannot import name '(?:url_quote|url_decode)' from 'werkzeug", "werkzeug<3"),
    Pin(r"cannot import name '(?:escape|Markup)' from 'jinja2'", "jinja2<3.1"),
    Pin(r"cannot import name 'soft_unicode' from 'markupsafe'", "markupsafe<2.1"),
    Pin(r"No module named 'altair\.vegalite\.v4'", "altair<5"),
    Pin(r"No module named 'pkg_resources'", "setuptools<81", "missing-dependency"),
    Pin(r"No module named 'moviepy\.editor'", "moviepy<2"),
    Pin(r"No module named 'openai\.error'|module 'openai' has no attribute 'ChatCompletion'", "openai<1"),
    Pin(
        r"No module named 'langchain\.(?:chains|prompts|memory|schema|agents|text_splitter|callbacks)",
        "langchain<1",
    ),
    Pin(r"No module named 'langchain_core\.pydantic_v1'", "langchain-core<1"),
    Pin(r"argument of type 'bool' is not iterable", "pydantic<2.11"),
    Pin(r"unhashable type: 'dict'", "starlette<0.47"),
    Pin(r"Form data requires \"python-multipart\"", "python-multipart", "missing-dependency"),
    Pin(r"email-validator is not installed", "email-validator", "missing-dependency"),
    Pin(
        r"ImageDraw' object has no attribute 'textsize'|module 'PIL.Image' has no attribute 'ANTIALIAS'",
        "pillow<10",
    ),
    Pin(r"Missing optional dependency 'openpyxl'", "openpyxl", "missing-dependency"),
    Pin(r"Missing optional dependency 'tabulate'|`Import tabulate` failed", "tabulate", "missing-dependency"),
    Pin(r"Missing optional dependency 'lxml'", "lxml", "missing-dependency"),
    Pin(r"module 'bcrypt' has no attribute '__about__'", "bcrypt<4.1"),
)

LIBRARIES: dict[str, str] = {
    "libGL.so.1": "libgl1", "libEGL.so.1": "libegl1", "libGLESv2.so.2": "libgles2",
    "libgthread-2.0.so.0": "libglib2.0-0", "libglib-2.0.so.0": "libglib2.0-0",
    "libgobject-2.0-0": "libglib2.0-0", "libgobject-2.0.so.0": "libglib2.0-0",
    "libSM.so.6": "libsm6", "libXext.so.6": "libxext6", "libXrender.so.1": "libxrender1",
    "libX11.so.6": "libx11-6", "libxcb.so.1": "libxcb1", "libgomp.so.1": "libgomp1",
    "libsndfile.so.1": "libsndfile1", "libsndfile.so": "libsndfile1", "libportaudio.so.2": "libportaudio2",
    "libmagic.so.1": "libmagic1", "libzbar.so.0": "libzbar0", "libcairo.so.2": "libcairo2",
    "libpango-1.0.so.0": "libpango-1.0-0", "libpangoft2-1.0.so.0": "libpangoft2-1.0-0",
    "libpq.so.5": "libpq5",
    "libmariadb.so.3": "libmariadb3", "libnss3.so": "libnss3", "libatk-1.0.so.0": "libatk1.0-0",
    "libavcodec.so.59": "libavcodec59", "libopenblas.so.0": "libopenblas0", "libusb-1.0.so.0": "libusb-1.0-0",
    "libasound.so.2": "libasound2", "libxml2.so.2": "libxml2", "libxslt.so.1": "libxslt1.1",
    "libespeak-ng.so.1": "libespeak-ng1", "libgdal.so.32": "libgdal32", "libgeos_c.so.1": "libgeos-c1v5",
    "libatomic.so.1": "libatomic1", "libffi.so.8": "libffi8",
}  # fmt: skip
"""Shared libraries by the Debian package that holds them."""

PROGRAM_WORDS: tuple[tuple[str, str], ...] = (
    (r"(?i)unable to find zbar shared library", "libzbar0"),
    (r"(?i)failed to find libmagic", "libmagic1"),
    (r"(?i)tesseract is not installed", "tesseract-ocr"),
    (r"(?i)is poppler installed and in PATH", "poppler-utils"),
    (r"(?i)pg_config executable not found", "libpq-dev"),
    (r"(?i)PortAudio library not found", "libportaudio2"),
    (r"(?i)sndfile library not found", "libsndfile1"),
    (r"(?i)no library called \"cairo", "libcairo2"),
    (r"cannot load library '(?:lib)?gobject-2\.0", "libpango-1.0-0"),
    (r"(?i)Cannot find command 'git'|git executable not found|Git executable not found", "git"),
    (r"command '(?:\S*/)?(?:x86_64-linux-gnu-)?gcc' failed|unable to execute 'gcc'", "build-essential"),
    (r"(?i)CMake must be installed|Could not find cmake|cmake: not found", "cmake"),
    (r"(?i)Graphviz executables|ExecutableNotFound: failed to execute", "graphviz"),
    (r"(?i)espeak not installed on your system", "espeak-ng"),
)  # fmt: skip
"""Words of a log by the Debian package that was meant."""

REFUSALS: tuple[str, ...] = (
    r"ResolutionImpossible",
    r"(?i)cannot install .* because these package versions have conflicting dependencies",
    r"(?i)no solution found when resolving",
    r"(?i)no matching distribution found",
    r"(?i)could not find a version that satisfies",
    r"(?i)requirements? (?:are|is) unsatisfiable",
)
"""Words by which pip and uv refuse a set of requirements."""
