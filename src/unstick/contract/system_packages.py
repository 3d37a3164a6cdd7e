"""What Python distributions and commands need of the operating system, and what images bring.

Sources: the distributions' installation notes and the error each raises; the package lists of Debian's
and Docker's images;
the platform's build logs for the gradio image.
"""

from __future__ import annotations

from unstick.record import NamedTuple


class SystemNeed(NamedTuple):
    """`distribution` needs one of the Debian `packages` when `module` is imported (empty: when it is
    installed).

    `lacking` says in which images it is missing: slim (small images only), docker (every image but the
    platform's), all.
    `call` is a name that has to be used beside the import, `what` the thing as people know it.
    """

    distribution: str
    module: str
    packages: tuple[str, ...]
    lacking: str
    severity: str
    what: str
    call: str = ""


NEEDS: tuple[SystemNeed, ...] = (
    SystemNeed("pytesseract", "pytesseract", ("tesseract-ocr",), "all", "warning", "the tesseract program"),
    SystemNeed("pdf2image", "pdf2image", ("poppler-utils",), "all", "warning", "pdftoppm of poppler"),
    SystemNeed("pydub", "pydub", ("ffmpeg",), "docker", "warning", "the ffmpeg program"),
    SystemNeed("openai-whisper", "whisper", ("ffmpeg",), "docker", "warning", "the ffmpeg program"),
    SystemNeed("whisperx", "whisperx", ("ffmpeg",), "docker", "warning", "the ffmpeg program"),
    SystemNeed("ffmpeg-python", "ffmpeg", ("ffmpeg",), "docker", "warning", "the ffmpeg program"),
    SystemNeed(
        "weasyprint",
        "weasyprint",
        ("libpango-1.0-0", "libpangoft2-1.0-0", "libpangocairo-1.0-0", "weasyprint"),
        "slim",
        "error",
        "Pango",
    ),
    SystemNeed("cairosvg", "cairosvg", ("libcairo2", "libcairo2-dev"), "slim", "error", "Cairo"),
    SystemNeed(
        "python-magic",
        "magic",
        ("libmagic1", "libmagic1t64", "libmagic-dev", "file"),
        "slim",
        "error",
        "libmagic",
    ),
    SystemNeed("pyzbar", "pyzbar", ("libzbar0", "libzbar-dev", "zbar-tools"), "all", "error", "ZBar"),
    SystemNeed(
        "sounddevice", "sounddevice", ("libportaudio2", "portaudio19-dev"), "all", "error", "PortAudio"
    ),
    SystemNeed("pyaudio", "", ("portaudio19-dev",), "all", "error", "the PortAudio headers"),
    SystemNeed("pyalsaaudio", "", ("libasound2-dev",), "all", "error", "the ALSA headers"),
    SystemNeed("psycopg2", "", ("libpq-dev",), "slim", "error", "pg_config and a compiler"),
    SystemNeed(
        "mysqlclient",
        "",
        ("default-libmysqlclient-dev", "libmysqlclient-dev", "libmariadb-dev"),
        "slim",
        "error",
        "the MySQL headers and a compiler",
    ),
    SystemNeed("pycairo", "", ("libcairo2-dev",), "slim", "error", "the Cairo headers"),
    SystemNeed(
        "pygobject",
        "",
        ("libgirepository1.0-dev", "libgirepository-2.0-dev"),
        "all",
        "error",
        "the GObject headers",
    ),
    SystemNeed("pygraphviz", "", ("libgraphviz-dev", "graphviz-dev"), "all", "error", "the Graphviz headers"),
    SystemNeed("dlib", "", ("cmake",), "slim", "error", "CMake and a compiler"),
    SystemNeed("face-recognition", "", ("cmake",), "slim", "error", "CMake and a compiler, for dlib"),
    SystemNeed("graphviz", "graphviz", ("graphviz",), "all", "warning", "the dot program", "render"),
    SystemNeed(
        "mediapipe",
        "mediapipe",
        ("libgles2", "libgles2-mesa", "libgles2-mesa-dev"),
        "slim",
        "warning",
        "libGLESv2",
        "FaceLandmarker",
    ),
    SystemNeed("pyttsx3", "pyttsx3", ("espeak", "espeak-ng"), "all", "warning", "eSpeak"),
    SystemNeed("phonemizer", "phonemizer", ("espeak", "espeak-ng"), "all", "warning", "eSpeak"),
    SystemNeed("wand", "wand", ("libmagickwand-dev", "imagemagick"), "slim", "error", "ImageMagick"),
    SystemNeed("pypandoc", "pypandoc", ("pandoc",), "all", "warning", "the pandoc program"),
    SystemNeed("pdfkit", "pdfkit", ("wkhtmltopdf",), "all", "warning", "the wkhtmltopdf program"),
    SystemNeed("imgkit", "imgkit", ("wkhtmltopdf",), "all", "warning", "the wkhtmltopdf program"),
    SystemNeed(
        "tabula-py",
        "tabula",
        ("default-jre", "default-jre-headless", "default-jdk", "openjdk-17-jre", "openjdk-21-jre"),
        "all",
        "warning",
        "Java",
    ),
    SystemNeed(
        "language-tool-python",
        "language_tool_python",
        ("default-jre", "default-jre-headless", "default-jdk", "openjdk-17-jre", "openjdk-21-jre"),
        "all",
        "warning",
        "Java",
    ),
    SystemNeed(
        "pyspark",
        "pyspark",
        ("default-jre", "default-jre-headless", "default-jdk", "openjdk-17-jre", "openjdk-21-jre"),
        "all",
        "warning",
        "Java",
    ),
    SystemNeed(
        "konlpy",
        "konlpy",
        ("default-jre", "default-jre-headless", "default-jdk", "openjdk-17-jdk"),
        "all",
        "warning",
        "Java",
    ),
    SystemNeed(
        "lightgbm", "lightgbm", ("libgomp1", "gcc", "g++", "build-essential"), "slim", "error", "libgomp"
    ),
    SystemNeed("gitpython", "git", ("git",), "slim", "error", "the git program"),
    SystemNeed("pyvips", "pyvips", ("libvips", "libvips42", "libvips-dev"), "all", "error", "libvips"),
)

COMMANDS: dict[str, tuple[str, ...]] = {
    "curl": ("curl",), "wget": ("wget",), "git": ("git",), "unzip": ("unzip",),
    "gcc": ("gcc", "build-essential"),
    "g++": ("g++", "build-essential"), "make": ("make", "build-essential"), "cmake": ("cmake",),
    "pgrep": ("procps",),
    "pkill": ("procps",), "ps": ("procps",), "lsof": ("lsof",),
    "nc": ("netcat-openbsd", "netcat-traditional", "netcat"),
    "jq": ("jq",), "sudo": ("sudo",), "ffmpeg": ("ffmpeg",), "nginx": ("nginx", "nginx-light", "nginx-full"),
    "supervisord": ("supervisor",), "redis-server": ("redis-server", "redis"), "zstd": ("zstd",),
    "gosu": ("gosu",),
    "envsubst": ("gettext-base", "gettext"), "xvfb-run": ("xvfb",), "rsync": ("rsync",),
    "dos2unix": ("dos2unix",),
    "killall": ("psmisc",), "netstat": ("net-tools",), "tini": ("tini",), "dumb-init": ("dumb-init",),
}  # fmt: skip
"""Programs that small Debian images lack, by the packages that bring them."""

INSTALL_SCRIPTS: tuple[tuple[str, str, str], ...] = (("ollama.com/install.sh", "zstd", "Ollama"),)
"""Install scripts by address, with the program each stops without (ollama.com/install.sh, 2026: "This version
requires zstd for extraction") and the name people know."""

COMES_WITH: dict[str, tuple[str, ...]] = {
    "build-essential": ("gcc", "g++", "make"), "supervisor": ("python3",),
    "ffmpeg": ("libgl1", "libglib2.0-0"),
    "libopencv-dev": ("libgl1", "libglib2.0-0"), "python3-opencv": ("libgl1", "libglib2.0-0"),
    "chromium": ("libglib2.0-0", "libgl1"),
    "libgl1-mesa-glx": ("libgl1",), "libgl1-mesa-dri": ("libgl1",), "libgl1-mesa-dev": ("libgl1",),
    "libglx-mesa0": ("libgl1",),
    "libglib2.0-dev": ("libglib2.0-0",), "libglib2.0-0t64": ("libglib2.0-0",),
    "libgtk-3-0": ("libglib2.0-0",),
    "libgtk2.0-dev": ("libglib2.0-0", "libgl1"),
    "libpango-1.0-0": ("libglib2.0-0",), "tesseract-ocr": ("libglib2.0-0",),
    "libcairo2-dev": ("libglib2.0-0",),
    "imagemagick": ("libglib2.0-0",), "graphviz": ("libglib2.0-0",), "libgl1": ("libgl1",),
    "mesa-utils": ("libgl1",),
}  # fmt: skip
"""Packages that bring others along, as far as the rules ask."""

PLATFORM = frozenset(
    [
        "git",
        "git-lfs",
        "ffmpeg",
        "libsm6",
        "libxext6",
        "cmake",
        "rsync",
        "libgl1",
        "curl",
        "wget",
        "unzip",
        "gcc",
        "g++",
        "make",
        "build-essential",
        "libpq-dev",
        "file",
        "libmagic1",
        "default-libmysqlclient-dev",
        "libmariadb-dev",
        "imagemagick",
        "libmagickwand-dev",
        "libcairo2",
        "libcairo2-dev",
        "libglib2.0-0",
        "libglib2.0-dev",
        "libgomp1",
        "procps",
        "libpango-1.0-0",
        "nodejs",
    ]
)
"""What the image of the gradio and streamlit SDKs has: Docker's full python image and the platform's own
apt line."""

FULL = PLATFORM - {"git-lfs", "ffmpeg", "libsm6", "libxext6", "cmake", "rsync", "libgl1", "nodejs"}
"""What Docker's full images (buildpack-deps) have."""


def closure(packages: frozenset[str]) -> frozenset[str]:
    """The packages and what they bring along, as far as `COMES_WITH` knows."""
    out = set(packages)
    for package in packages:
        out.update(COMES_WITH.get(package, ()))
    return frozenset(out)


def image_packages(image: str) -> frozenset[str] | None:
    """What the rules ask for and a base image has; None when its contents cannot be told from its name."""
    name = image.split("@")[0].lower().removeprefix("docker.io/").removeprefix("library/")
    repository, _, tag = name.partition(":")
    if "alpine" in name:
        return None
    if repository in {"debian", "ubuntu"} or (
        "slim" in tag and repository in {"python", "node", "ruby", "openjdk", "rust", "golang"}
    ):
        return frozenset()
    if repository == "ghcr.io/astral-sh/uv" and ("slim" in tag):
        return frozenset()
    if repository in {"python", "node", "ruby"} and "slim" not in tag:
        return FULL
    return None
